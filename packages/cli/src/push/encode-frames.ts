import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import type { Slots } from './slots.ts'

export interface EncodeOptions {
  /** Of zstd. */
  readonly level: number
  /** How many frames may be in memory; shared by all paths that are pushed at the same time. */
  readonly slots: Slots
}

/**
 * Each block as a zstd frame whose header states its content size, in order. Several are compressed at once, each on
 * a thread of the pool. A block holds its slot until its frame has been taken.
 */
export async function* encodeFrames(
  blocks: AsyncIterable<Uint8Array>,
  { level, slots }: EncodeOptions,
): AsyncGenerator<Uint8Array, void> {
  const frames: Promise<Uint8Array>[] = []
  try {
    for await (const block of blocks) {
      // Frames of our own that wait to be taken must not keep us waiting: hand them out first.
      while (frames.length > 0 && !slots.tryAcquire()) yield* takeFirst(frames, slots)
      if (frames.length === 0) await slots.acquire()
      frames.push(encodeFrame(block, level))
    }
    while (frames.length > 0) yield* takeFirst(frames, slots)
  } finally {
    await Promise.allSettled(frames)
    for (const _ of frames) slots.release()
  }
}

async function* takeFirst(frames: Promise<Uint8Array>[], slots: Slots): AsyncGenerator<Uint8Array, void> {
  const [first] = frames
  if (first) yield await first
  void frames.shift()
  slots.release()
}

const compress = promisify(zstdCompress)

async function encodeFrame(block: Uint8Array, level: number): Promise<Uint8Array> {
  return await compress(block, {
    params: { [constants.ZSTD_c_compressionLevel]: level },
    // Node writes the content size to the header only when it is promised one.
    pledgedSrcSize: block.length,
    // Room for the whole frame, so that it takes one trip to a thread instead of one for every 16 KiB.
    chunkSize: block.length + (block.length >> 8) + 512,
  })
}
