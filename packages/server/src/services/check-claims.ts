import { CacheError } from '../cache-error.ts'
import type { UploadPublication } from './parse-publication.ts'
import type { CheckedFile } from './workers/check-upload.ts'

/** Whether a file that was sent is what its sender says. Throws `hash-mismatch`. */
export function checkClaims(path: UploadPublication, found: CheckedFile): void {
  const claims = [
    ['NAR hash', path.narHash, found.narHash],
    ['NAR size', path.narSize, found.narSize],
    ['file hash', path.fileHash, found.fileHash],
    ['file size', path.fileSize, found.fileSize],
  ] as const
  for (const [what, claimed, actual] of claims) {
    if (claimed === actual) continue
    const message = `The uploaded NAR does not have the ${what} claimed: it is ${actual}, not ${claimed}.`
    throw new CacheError('hash-mismatch', message)
  }
}
