import type { PathCreate } from '@cachix/api'
import type { PathInfo } from '../nix/store-reader.ts'
import type { PushProgress } from '../terminal/push-progress.ts'
import type { ChunkSender } from './chunk-sender.ts'
import type { Signer } from './choose-signer.ts'
import type { Cutter } from './cut/offered-chunk.ts'
import { publicationOf } from './publication-of.ts'

export interface SendPathDeps {
  readonly cut: Cutter
  readonly sender: ChunkSender
  readonly sign: Signer
  readonly omitDeriver: boolean
  readonly progress: PushProgress
}

/** A store path that can be published. */
export interface SentPath {
  readonly publication: PathCreate
  /** Bytes sent, compressed. */
  readonly uploaded: number
}

/**
 * Reads and checks a store path and gives its chunks to the sender. What this returns waits until the service has them.
 * Both throw what their stages throw, and ServiceError.
 */
export async function sendPath(deps: SendPathDeps, info: PathInfo): Promise<() => Promise<SentPath>> {
  const { cut, sender, sign, omitDeriver, progress } = deps
  progress.start(info)
  const shipment = await sender.send(cut(info), (bytes) => progress.advance(info, bytes))
  return async () => {
    await shipment.arrival()
    const signatures = await sign(info)
    return {
      publication: publicationOf(info, shipment.encodedRecipe(), { ...signatures, omitDeriver }),
      uploaded: shipment.uploaded,
    }
  }
}
