import type { UploadedPart } from '@cachix/api'

import { CacheError } from '../../cache-error.ts'
import type { StoredPart } from '../../storage/part-store.ts'

/**
 * The parts that make up a file, in order: those its sender lists, or all where it lists none. Throws `bad-request` if one
 * of them is not here, or is another than was sent.
 */
export function chooseParts(
  stored: readonly StoredPart[],
  listed: readonly UploadedPart[] | null,
): readonly StoredPart[] {
  if (listed === null) return stored
  const byNumber = new Map(stored.map((part) => [part.number, part]))
  const numbers = new Set(listed.map((part) => part.partNumber))
  if (numbers.size < listed.length) throw new CacheError('bad-request', 'A part is listed twice.')
  return listed
    .toSorted((one, other) => one.partNumber - other.partNumber)
    .map(({ partNumber, eTag }) => {
      const part = byNumber.get(partNumber)
      if (part !== undefined && eTag.replaceAll('"', '') === part.md5) return part
      throw new CacheError(
        'bad-request',
        `Part ${partNumber} is not here as it is listed. Send the path again.`,
      )
    })
}
