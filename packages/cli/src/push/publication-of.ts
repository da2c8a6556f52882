import type { PathCreate } from '@cachix/api'
import { baseNameOf } from '@cachix/protocol'
import type { OfferedSignatures } from './choose-signer.ts'
import type { PathInfo } from '../nix/store-reader.ts'

interface Choices extends OfferedSignatures {
  readonly omitDeriver: boolean
}

/** What the service is told to publish a store path whose chunks it has. */
export function publicationOf(info: PathInfo, recipe: Uint8Array, choices: Choices): PathCreate {
  const deriver = choices.omitDeriver ? undefined : info.deriver
  return {
    storePath: baseNameOf(info.storePath),
    narHash: info.narHash,
    narSize: info.narSize,
    references: [...info.references],
    ...(deriver !== undefined && { deriver }),
    ...(choices.sig !== undefined && { sig: choices.sig }),
    ...(choices.signatures.length > 0 && { signatures: [...choices.signatures] }),
    ...(info.ca !== undefined && { ca: info.ca }),
    recipe: Buffer.from(recipe.buffer, recipe.byteOffset, recipe.length).toString('base64'),
  }
}
