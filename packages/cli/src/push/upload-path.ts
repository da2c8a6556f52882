import type { UploadedNar } from '@cachix/api'
import { maxFrameContent } from '@cachix/protocol'
import { dumpNar } from '../nix/dump-nar.ts'
import type { PathInfo } from '../nix/store-reader.ts'
import type { ServiceClient } from '../service/service-client.ts'
import type { PushProgress } from '../terminal/push-progress.ts'
import { checkNar } from './check-nar.ts'
import { cutFrames } from './cut-frames.ts'
import { encodeFrames, type EncodeOptions } from './encode-frames.ts'

export interface UploadDeps {
  readonly client: ServiceClient
  readonly cacheName: string
  readonly encoding: EncodeOptions
  readonly progress: PushProgress
  readonly signal: AbortSignal
}

/** Sends the NAR of a store path, which is read anew for every attempt. Throws what its stages throw, and ServiceError. */
export async function uploadPath(deps: UploadDeps, info: PathInfo): Promise<UploadedNar> {
  const { client, cacheName, signal } = deps
  return await client.uploadNar(cacheName, () => openFrames(deps, info), signal)
}

/** File system → NAR → checked → cut → compressed: nothing is read before the service takes what came before. */
function openFrames({ encoding, progress }: UploadDeps, info: PathInfo): AsyncIterable<Uint8Array> {
  const nar = dumpNar(info.storePath, {
    blockSize: Math.min(maxFrameContent, info.narSize || maxFrameContent),
  })
  const frames = cutFrames(checkNar(nar, info))
  return encodeFrames(watch(frames, progress, info), encoding)
}

async function* watch(
  blocks: AsyncIterable<Uint8Array>,
  progress: PushProgress,
  info: PathInfo,
): AsyncGenerator<Uint8Array, void> {
  progress.start(info)
  for await (const block of blocks) {
    yield block
    progress.advance(info, block.length)
  }
}
