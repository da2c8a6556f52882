import type { LZMAModule } from 'node-liblzma/wasm'

import { openLiblzma } from './liblzma.ts'
import { damagedUpload, trailingBytes, truncatedUpload } from './refused.ts'

// By liblzma's C interface: https://github.com/tukaani-project/xz, src/liblzma/api/lzma.

/** 32-bit offsets of the fields of `lzma_stream`, and its size. */
const field = { nextIn: 0, availIn: 4, nextOut: 16, availOut: 20 } as const
const streamSize = 96

const status = { ok: 0, end: 1, bufferError: 10 } as const
const action = { run: 0, finish: 3 } as const
/** One stream after another, with nothing but padding between and after them. */
const concatenated = 8

/** Bytes: what `xz -9` needs, and a little more. */
const memoryLimit = 80n * 1024n ** 2n
const inputSize = 64 * 1024
const outputSize = 256 * 1024

/** What liblzma makes out to be xz, lzma or lzip. Each file has a decoder, and the memory it works in, of its own. */
export async function* decompressLzma(
  blocks: Iterable<Uint8Array>,
  compression: 'xz' | 'lzma' | 'lzip',
): AsyncGenerator<Uint8Array> {
  const decoder = await LzmaDecoder.open(compression)
  for (const block of blocks) {
    for (let at = 0; at < block.length; at += inputSize) {
      yield* decoder.write(block.subarray(at, at + inputSize))
    }
  }
  yield* decoder.end()
}

class LzmaDecoder {
  readonly #lzma: LZMAModule
  /** For errors. */
  readonly #compression: string
  readonly #stream: number
  readonly #input: number
  readonly #output: number
  #status: number = status.ok

  static async open(compression: string): Promise<LzmaDecoder> {
    return new LzmaDecoder(await openLiblzma(), compression)
  }

  private constructor(lzma: LZMAModule, compression: string) {
    this.#lzma = lzma
    this.#compression = compression
    this.#stream = lzma._malloc(streamSize)
    this.#input = lzma._malloc(inputSize)
    this.#output = lzma._malloc(outputSize)
    lzma.HEAPU8.fill(0, this.#stream, this.#stream + streamSize)
    const opened = lzma._lzma_auto_decoder(this.#stream, memoryLimit, concatenated)
    if (opened !== status.ok) throw new Error(`liblzma cannot be used: status ${opened}.`)
  }

  *write(bytes: Uint8Array): Generator<Uint8Array> {
    if (this.#status === status.end) throw trailingBytes(this.#compression)
    this.#lzma.HEAPU8.set(bytes, this.#input)
    this.#set('nextIn', this.#input)
    this.#set('availIn', bytes.length)
    yield* this.#decode(action.run)
  }

  *end(): Generator<Uint8Array> {
    yield* this.#decode(action.finish)
    if (this.#status !== status.end) throw truncatedUpload(this.#compression)
    if (this.#get('availIn') > 0) throw trailingBytes(this.#compression)
  }

  /** Until it wants more input, or has nothing more to give. */
  *#decode(what: number): Generator<Uint8Array> {
    for (let isFull = true; isFull && this.#status === status.ok;) {
      this.#set('nextOut', this.#output)
      this.#set('availOut', outputSize)
      this.#status = this.#lzma._lzma_code(this.#stream, what)
      const length = outputSize - this.#get('availOut')
      // Memory may have grown meanwhile, and then the old view of it is empty.
      if (length > 0) yield this.#lzma.HEAPU8.subarray(this.#output, this.#output + length)
      isFull = length === outputSize
    }
    this.#check()
  }

  #check(): void {
    if (this.#status === status.ok || this.#status === status.end) return
    if (this.#status === status.bufferError) throw truncatedUpload(this.#compression)
    throw damagedUpload(this.#compression, `liblzma ended with status ${this.#status}`)
  }

  #get(name: keyof typeof field): number {
    return this.#lzma.getValue(this.#stream + field[name], 'i32')
  }

  #set(name: keyof typeof field, value: number): void {
    this.#lzma.setValue(this.#stream + field[name], value, 'i32')
  }
}
