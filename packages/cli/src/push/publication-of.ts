import type { NarInfoCreate, UploadedNar } from '@cachix/api'
import { baseNameOf, parseBaseName } from '@cachix/protocol'
import type { PathInfo } from '../nix/store-reader.ts'

interface Choices {
  /** Base64, without the key's name; undefined: the service signs. */
  readonly signature: string | undefined
  readonly omitDeriver: boolean
}

/** What the service is told to publish a store path whose NAR it has. */
export function publicationOf(info: PathInfo, uploaded: UploadedNar, choices: Choices): NarInfoCreate {
  const { hash, name } = parseBaseName(baseNameOf(info.storePath))
  return {
    cStoreHash: hash,
    cStoreSuffix: name,
    cNarHash: info.narHash,
    cNarSize: info.narSize,
    cFileHash: uploaded.fileHash,
    cFileSize: uploaded.fileSize,
    cReferences: [...info.references],
    cDeriver: (choices.omitDeriver ? undefined : info.deriver) ?? 'unknown-deriver',
    cSig: choices.signature ?? null,
    ...(info.ca !== undefined && { cCa: info.ca }),
  }
}
