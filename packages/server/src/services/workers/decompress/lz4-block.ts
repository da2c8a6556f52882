// https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md

import { damagedUpload } from './refused.ts'

/** How far back a block may copy from, into the blocks before it. */
const reach = 64 * 1024
const minMatch = 4

/** What was decompressed: the block that is being written, after the end of what came before it. */
export class Lz4Window {
  readonly #bytes: Uint8Array
  #start = 0
  #end = 0

  /** `maxBlock` in bytes. */
  constructor(maxBlock: number) {
    this.#bytes = new Uint8Array(reach + maxBlock)
  }

  copy(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#bytes.length) throw damagedUpload('lz4')
    this.#bytes.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /** Appends `length` bytes that were `distance` bytes ago; they may overlap with what they make. */
  repeat(distance: number, length: number): void {
    const from = this.#end - distance
    if (distance === 0 || from < 0 || this.#end + length > this.#bytes.length) throw damagedUpload('lz4')
    if (distance >= length) this.#bytes.copyWithin(this.#end, from, from + length)
    else for (let i = 0; i < length; i++) this.#bytes[this.#end + i] = this.#bytes[from + i] as number
    this.#end += length
  }

  /** The block, which ends here. */
  takeBlock(): Uint8Array {
    const block = this.#bytes.slice(this.#start, this.#end)
    const kept = Math.min(reach, this.#end)
    this.#bytes.copyWithin(0, this.#end - kept, this.#end)
    this.#start = this.#end = kept
    return block
  }
}

/** Throws `unsupported` if it is not a block. */
export function decodeLz4Block(block: Uint8Array, window: Lz4Window): void {
  const reader = new BlockReader(block)
  while (true) {
    const token = reader.byte()
    window.copy(reader.take(reader.length(token >> 4)))
    // The last sequence has no match.
    if (reader.isAtEnd) return
    const distance = reader.byte() | (reader.byte() << 8)
    window.repeat(distance, minMatch + reader.length(token & 15))
  }
}

class BlockReader {
  readonly #block: Uint8Array
  #at = 0

  constructor(block: Uint8Array) {
    this.#block = block
  }

  get isAtEnd(): boolean {
    return this.#at === this.#block.length
  }

  byte(): number {
    const byte = this.#block[this.#at++]
    if (byte === undefined) throw damagedUpload('lz4')
    return byte
  }

  take(length: number): Uint8Array {
    if (this.#at + length > this.#block.length) throw damagedUpload('lz4')
    this.#at += length
    return this.#block.subarray(this.#at - length, this.#at)
  }

  /** 15 goes on in the bytes that follow, up to the first that is not 255. */
  length(nibble: number): number {
    let length = nibble
    for (let more = nibble === 15 ? 255 : 0; more === 255; length += more) more = this.byte()
    return length
  }
}
