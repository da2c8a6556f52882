import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { constants, zstdCompressSync } from 'node:zlib'
import { FormatError, cutSizes } from '@cachix/protocol'
import type { Hole } from '@cachix/protocol'
import * as fc from 'fast-check'
import { decodeFrame } from '../src/decode-frame.ts'
import { encodeChunk } from '../src/encode-chunk.ts'
import { nameChunk } from '../src/name-chunk.ts'
import { verifyFrame } from '../src/verify-frame.ts'
import type { FrameClaim } from '../src/verify-frame.ts'
import { cutWhole, hashOf } from './any-chunk.ts'

const [a, b, c] = [hashOf(1), hashOf(2), hashOf(3)]
const text = Buffer.from(
  `see ${a}-a, ${b}-b and ${a}/x, all of it text. ${'All of it text, '.repeat(20)} and ${b}\n`,
)
const chunk = cutWhole(text, [a, b])!
const frame = await encodeChunk(chunk, { level: 3 })
const honest: FrameClaim = {
  ...frame,
  pattern: chunk.pattern,
  contentSize: text.length,
  name: nameChunk(chunk),
}

/** The text as it is, without holes, as a frame of zstd's own making. */
function plain(content: Uint8Array, options: Parameters<typeof zstdCompressSync>[1] = {}): FrameClaim {
  const bytes = zstdCompressSync(content, { pledgedSrcSize: content.length, ...options })
  return {
    bytes,
    patches: [],
    pattern: [],
    contentSize: content.length,
    name: nameChunk({ bytes: content, pattern: [] }),
  }
}

/** A frame of blocks of 128 KiB of one byte that says it has `claimed` bytes of content. */
function bomb(claimed: number, blocks: number): Uint8Array {
  const header = Buffer.from('28b52ffda000000000', 'hex')
  header.writeUInt32LE(claimed, 5)
  const block = Buffer.from('02001007', 'hex')
  const lastBlock = Buffer.from('03001007', 'hex')
  return Buffer.concat([header, ...Array.from({ length: blocks - 1 }, () => block), lastBlock])
}

function moved(holes: readonly Hole[], index: number, by: number): Hole[] {
  return holes.map((hole, i) => (i === index ? { ...hole, offset: hole.offset + by } : hole))
}

function refused(claim: FrameClaim, reason: RegExp): void {
  assert.throws(
    () => verifyFrame(claim),
    (error) => error instanceof FormatError && reason.test(error.message),
  )
}

describe('frame somebody sends', () => {
  it('is taken if it is what it is said to be', () => {
    verifyFrame(honest)
    verifyFrame(plain(text))
  })

  it('is left as it was, also as a Buffer', () => {
    const bytes = Buffer.from(honest.bytes)
    verifyFrame({ ...honest, bytes })
    assert.deepEqual(new Uint8Array(bytes), honest.bytes)
  })

  it('is taken whatever hashes it has', () => {
    const bytes = new Uint8Array(honest.bytes)
    for (const { offset } of honest.patches) bytes.set(Buffer.from(c), offset)
    verifyFrame({ ...honest, bytes })
  })

  it('may not be another chunk', () => {
    refused({ ...honest, name: '0'.repeat(64) }, /another chunk/)
    refused({ ...plain(text), name: honest.name }, /another chunk/)
  })

  it('may not inflate beyond what it says', () => {
    refused({ ...plain(text), bytes: bomb(text.length, 16) }, /cannot be decompressed/)
    refused({ ...plain(text), bytes: bomb(131_072, 16), contentSize: 131_072 }, /cannot be decompressed/)
    refused(
      { ...plain(text), bytes: bomb(16 * 131_072, 15), contentSize: 16 * 131_072 },
      /cannot be decompressed/,
    )
  })

  it('may not be of another size than it says, or of one too large', () => {
    refused({ ...honest, contentSize: text.length + 1 }, /another size/)
    refused({ ...honest, contentSize: Number.NaN }, /another size/)
    refused({ ...plain(text), bytes: bomb(cutSizes.max + 1, 17), contentSize: cutSizes.max + 1 }, /too large/)
    refused({ ...plain(text), bytes: bomb(0xffffffff, 17), contentSize: 0xffffffff }, /too large/)
  })

  it('may not be several frames, or have something behind it', () => {
    const { bytes } = plain(text)
    refused({ ...plain(text), bytes: Buffer.concat([bytes, bytes]) }, /more than one frame/)
    refused({ ...plain(text), bytes: Buffer.concat([bytes, Buffer.from('x')]) }, /more than one frame/)
    refused({ ...plain(text), bytes: bytes.subarray(0, -1) }, /stops inside/)
  })

  it('may not need a dictionary or have a checksum that patches would break', () => {
    const params = { [constants.ZSTD_c_checksumFlag]: 1 }
    const { bytes } = plain(text, { params })
    const block = { offset: 20, slot: 0 }
    refused({ ...honest, bytes, patches: [block] }, /checksum/)
    const dictionary = new Uint8Array(honest.bytes)
    dictionary[4]! |= 1
    refused({ ...honest, bytes: dictionary }, /dictionary/)
  })

  it('may not have patches outside it', () => {
    refused({ ...honest, patches: moved(honest.patches, 1, honest.bytes.length) }, /outside/)
    refused({ ...honest, patches: moved(honest.patches, 0, -1000) }, /overlap/)
  })

  it('may not have patches that overlap', () => {
    const [first] = honest.patches
    refused({ ...honest, patches: [first!, { offset: first!.offset + 31, slot: 1 }] }, /overlap/)
    refused({ ...honest, patches: honest.patches.toReversed() }, /overlap|out of turn/)
  })

  it('may not have patches on anything but raw bytes', () => {
    for (const by of [-3, -1, 1]) {
      refused({ ...honest, patches: moved(honest.patches, 1, by) }, /outside raw blocks/)
    }
    refused({ ...honest, bytes: plain(text).bytes, patches: [{ offset: 20, slot: 0 }] }, /outside raw blocks/)
  })

  it('may not have holes that are not copies of their patch', () => {
    const noHoles = { ...plain(text), pattern: chunk.pattern }
    refused({ ...noHoles, name: honest.name }, /other slots/)
    refused({ ...honest, pattern: moved(honest.pattern, 3, -40) }, /patches do not fill/)
    refused({ ...honest, pattern: moved(honest.pattern, 3, -1) }, /patches do not fill/)
    const swapped = honest.pattern.map((hole, i) => (i === 2 ? { ...hole, slot: 1 } : hole))
    refused({ ...honest, pattern: swapped }, /patches do not fill/)
  })

  it('may not have patches that change other bytes', () => {
    refused({ ...honest, pattern: honest.pattern.slice(0, 3) }, /change more than holes/)
  })

  it('may not have patches for no hole', () => {
    const pattern = honest.pattern.filter(({ slot }) => slot === 0)
    refused({ ...honest, pattern }, /other slots/)
  })

  it('is judged or refused with a reason, whatever its bytes', () => {
    const change = fc.record({ at: fc.nat(honest.bytes.length - 1), byte: fc.nat(255) })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = new Uint8Array(honest.bytes)
        for (const { at, byte } of changes) bytes[at] = byte
        try {
          verifyFrame({ ...honest, bytes })
        } catch (error) {
          assert.ok(error instanceof FormatError, String(error))
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('decoding', () => {
  it('gives the bytes if they are as many as they should be', () => {
    const { bytes } = plain(text)
    assert.deepEqual(decodeFrame(bytes, text.length), text)
    for (const size of [0, text.length - 1, text.length + 1]) {
      assert.throws(() => decodeFrame(bytes, size), { name: 'FormatError', code: 'zstd-frame' })
    }
  })
})
