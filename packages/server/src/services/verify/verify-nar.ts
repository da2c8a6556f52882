import { createHash } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'

import { FormatError, FrameSplitter, NarParser, sha256FromHex } from '@cachix/protocol'
import type { Frame } from '@cachix/protocol'

import { CacheError } from '../../cache-error.ts'
import { CappedListing } from './capped-listing.ts'

export interface VerifyLimits {
  /** Bytes of uncompressed NAR; more is refused. */
  readonly maxNarSize: number
  /** Bytes of listing, roughly, before compression. A NAR whose listing is larger has none. */
  readonly maxListingSize: number
}

export interface VerifiedNar {
  readonly narHash: string
  /** Bytes. */
  readonly narSize: number
  /** JSON as one zstd frame; of nothing at all if it would be too large. */
  readonly listing: Uint8Array
}

/** Four times what our client makes: room for clients of other opinions, and still little memory. */
const maxContentBytes = 4 * 1024 * 1024
const frameLimits = { maxContentBytes, maxFrameBytes: maxContentBytes + 256 * 1024 }

/** Every frame costs a set-up, so many tiny ones would be a cheap way to keep the service busy. */
const freeFrames = 64
const minMeanContent = 4096

/**
 * Reads a file of concatenated zstd frames and checks that together they are one NAR, in memory bounded by the limits.
 * Throws `unsupported` for other files, `truncated`, `invalid-nar` and `too-large`. `beforeFrame` may throw to stop it: a
 * few hundred bytes of file can be megabytes of NAR, so blocks would be too coarse.
 */
export function verifyNar(
  blocks: Iterable<Uint8Array>,
  limits: VerifyLimits,
  beforeFrame: () => void,
): VerifiedNar {
  const frames = new FrameSplitter(frameLimits)
  const check = new NarCheck(limits)
  for (const block of blocks) {
    for (const frame of explained(() => frames.write(block))) {
      beforeFrame()
      check.write(decompress(frame))
    }
  }
  explained(() => frames.end(), 'truncated')
  return check.end()
}

class NarCheck {
  readonly #limits: VerifyLimits
  readonly #hash = createHash('sha256')
  readonly #listing: CappedListing
  readonly #parser: NarParser
  #frames = 0
  #size = 0

  constructor(limits: VerifyLimits) {
    this.#limits = limits
    this.#listing = new CappedListing(limits.maxListingSize)
    this.#parser = new NarParser(this.#listing)
  }

  write(content: Uint8Array): void {
    this.#count(content.length)
    this.#hash.update(content)
    explained(() => this.#parser.write(content))
  }

  end(): VerifiedNar {
    explained(() => this.#parser.end())
    const narHash = sha256FromHex(this.#hash.digest('hex'))
    return { narHash, narSize: this.#size, listing: zstdCompressSync(this.#listing.text()) }
  }

  #count(length: number): void {
    this.#frames += 1
    this.#size += length
    if (this.#size > this.#limits.maxNarSize) {
      const message = `This NAR is larger than the ${this.#limits.maxNarSize} bytes this service takes.`
      throw new CacheError('too-large', message)
    }
    if (this.#frames > freeFrames + this.#size / minMeanContent) {
      throw new CacheError(
        'unsupported',
        'This upload is cut into too many tiny zstd frames. Make them 1 MiB each.',
      )
    }
  }
}

/** One call into zstd, with a buffer of the right size: several times faster than letting the buffer grow. */
function decompress({ bytes, contentSize }: Frame): Uint8Array {
  try {
    const chunkSize = Math.max(contentSize, 64)
    const content = zstdDecompressSync(bytes, { chunkSize, maxOutputLength: chunkSize })
    if (content.length === contentSize) return content
  } catch (cause) {
    throw new CacheError('unsupported', damagedFrame, { cause })
  }
  throw new CacheError('unsupported', damagedFrame)
}

const damagedFrame = 'A zstd frame of this upload cannot be decompressed. Push again.'

function explained<T>(work: () => T, code: 'truncated' | 'unsupported' = 'unsupported'): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new CacheError(error.code === 'nar' ? 'invalid-nar' : code, error.message, { cause: error })
  }
}
