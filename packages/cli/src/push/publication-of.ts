import type { PathCreate } from '@cachix/api'
import { baseNameOf } from '@cachix/protocol'
import type { PathInfo } from '../nix/store-reader.ts'

interface Choices {
  /** Base64, without the key's name; undefined: the service signs. */
  readonly signature: string | undefined
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
    ...(choices.signature !== undefined && { sig: choices.signature }),
    ...(info.ca !== undefined && { ca: info.ca }),
    recipe: Buffer.from(recipe.buffer, recipe.byteOffset, recipe.length).toString('base64'),
  }
}
