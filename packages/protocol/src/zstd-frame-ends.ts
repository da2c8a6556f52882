import { blockHeaderBytes, checksumBytes, invalidFrame, readBlockHeader } from './zstd-header.ts'

const startBytes = 5
const magic = 0xfd2fb528

/**
 * Finds where each of several concatenated zstd frames ends (RFC 8878, 3.1.1), of any size, stated or not, without keeping
 * or decompressing them. Throws `FormatError` for what is no frame; what is in the blocks is not looked at.
 */
export class FrameEnds {
  #header: number[] = []
  #headerBytes = startBytes
  #skip = 0
  #state: 'start' | 'blocks' | 'last' = 'start'
  #checksumBytes = 0

  /** Whether all frames so far are whole. */
  get isBetweenFrames(): boolean {
    return this.#state === 'start' && this.#header.length === 0
  }

  /** How many of the bytes that come next belong to the frame: all, unless it ends before. */
  take(bytes: Uint8Array): number {
    let at = 0
    for (;;) {
      const skipped = Math.min(this.#skip, bytes.length - at)
      at += skipped
      this.#skip -= skipped
      if (this.#skip === 0 && this.#state === 'last') {
        this.#expect('start', startBytes)
        return at
      }
      const byte = bytes[at++]
      if (byte === undefined) return bytes.length
      this.#header.push(byte)
      if (this.#header.length === this.#headerBytes) this.#readHeader(Uint8Array.from(this.#header))
    }
  }

  #readHeader(header: Uint8Array): void {
    if (this.#state === 'start') {
      this.#readStart(header)
      this.#expect('blocks', blockHeaderBytes)
      return
    }
    const { isLast, size } = readBlockHeader(header, 0)
    this.#skip = size + (isLast ? this.#checksumBytes : 0)
    this.#expect(isLast ? 'last' : 'blocks', blockHeaderBytes)
  }

  /** Magic number and descriptor, which tells how much of the frame's header follows. */
  #readStart(header: Uint8Array): void {
    if (new DataView(header.buffer).getUint32(0, true) !== magic) throw invalidFrame('this is no zstd frame')
    const descriptor = header[4] ?? 0
    if ((descriptor & 0b1000) !== 0) throw invalidFrame('its header has a reserved bit set')
    if ((descriptor & 0b11) !== 0) throw invalidFrame('it needs a dictionary')
    const hasWindow = (descriptor & 0b10_0000) === 0
    const sizeBytes = [hasWindow ? 0 : 1, 2, 4, 8][descriptor >> 6] ?? 0
    this.#skip = sizeBytes + (hasWindow ? 1 : 0)
    this.#checksumBytes = (descriptor & 0b100) === 0 ? 0 : checksumBytes
  }

  #expect(state: 'start' | 'blocks' | 'last', headerBytes: number): void {
    this.#state = state
    this.#header = []
    this.#headerBytes = headerBytes
  }
}
