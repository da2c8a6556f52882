import { pipeline } from 'node:stream/promises'
import { constants, createZstdDecompress } from 'node:zlib'

import { FrameEnds } from '@cachix/protocol'

import { CacheError } from '../../../cache-error.ts'
import { explained } from '../explain-format.ts'

const blockSize = 256 * 1024

/** The decoder sets the window aside: 32 MiB, which is enough for all levels of zstd up to 19. */
const windowLog = 25

/** Every frame costs a set-up, so many tiny ones would be a cheap way to keep the service busy. */
const freeFrames = 64
const minMeanContent = 4096

/**
 * The contents of a file of zstd frames, whatever their sizes and number, in memory for one window and a few blocks.
 * Throws `unsupported` for other files and `truncated` for one that stops inside a frame.
 */
export async function* decompressZstd(
  blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const frames = new FrameSource(blocks)
  let size = 0
  try {
    for (let count = 1; await frames.hasNext(); count++) {
      for await (const block of decompressFrame(frames.pieces())) {
        size += block.length
        yield block
      }
      if (count > freeFrames + size / minMeanContent) throw unsupported(tinyFrames)
    }
  } finally {
    await frames.close()
  }
}

async function* decompressFrame(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const params = { [constants.ZSTD_d_windowLogMax]: windowLog }
  const decompressor = createZstdDecompress({ params, chunkSize: blockSize })
  const fed = Promise.allSettled([pipeline(pieces, decompressor)])
  try {
    yield* decompressor as AsyncIterable<Uint8Array>
  } catch (error) {
    const [feeding] = await fed
    throw explain(feeding.status === 'rejected' ? feeding.reason : error)
  }
}

/** The bytes of a file, frame by frame. */
class FrameSource {
  readonly #blocks: Iterator<Uint8Array> | AsyncIterator<Uint8Array>
  readonly #ends = new FrameEnds()
  #block: Uint8Array = new Uint8Array(0)

  constructor(blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
    this.#blocks = Symbol.iterator in blocks ? blocks[Symbol.iterator]() : blocks[Symbol.asyncIterator]()
  }

  /** For readers who have enough. */
  async close(): Promise<void> {
    await this.#blocks.return?.()
  }

  async hasNext(): Promise<boolean> {
    if (this.#block.length > 0) return true
    const { value, done } = await this.#blocks.next()
    if (done === true) return false
    this.#block = value
    return true
  }

  /** Of the next frame. */
  async *pieces(): AsyncGenerator<Uint8Array> {
    do {
      if (!(await this.hasNext())) {
        throw new CacheError('truncated', 'The upload stops inside a zstd frame. Push again.')
      }
      const block = this.#block
      const length = explained('unsupported', () => this.#ends.take(block))
      this.#block = block.subarray(length)
      yield block.subarray(0, length)
    } while (!this.#ends.isBetweenFrames)
  }
}

function explain(error: unknown): unknown {
  const isOfZstd = error instanceof Error && 'code' in error && String(error.code).startsWith('Z')
  return isOfZstd ? unsupported(damagedFrame, error) : error
}

function unsupported(message: string, cause?: unknown): CacheError {
  return new CacheError('unsupported', message, { cause })
}

const tinyFrames = 'This upload is cut into too many tiny zstd frames. Make them 1 MiB each.'
const damagedFrame = 'A zstd frame of this upload cannot be decompressed. Push again.'
