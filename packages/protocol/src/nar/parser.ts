import { FormatError } from '../format-error.ts'
import { maxWordBytes, wordsAt } from './grammar.ts'
import type { Place, Step } from './grammar.ts'
import { checkDepth, checkName, checkTarget, compareNames, maxNameBytes, maxTargetBytes } from './limits.ts'
import type { NarVisitor } from './visitor.ts'
import { paddingOf } from './writer.ts'

/**
 * Reads a NAR in blocks of any size and tells a visitor what it holds. Takes exactly what Nix writes and every client
 * accepts; throws `FormatError` on anything else and is of no more use then. Contents are passed through, never kept:
 * memory is the same for every NAR.
 */
export class NarParser {
  readonly #visitor: NarVisitor
  readonly #maxSize: number
  /** For each open directory the name of its latest entry, outermost first. */
  readonly #latestNames: Uint8Array[] = []
  /** Collects what is split between blocks. Contents are not, and nothing else is longer. */
  readonly #split = new Uint8Array(maxTargetBytes + 1)
  #splitBytes = 0

  #size = 0
  #place: Place = 'magic'
  #reading: 'length' | 'string' | 'contents' | 'padding' = 'length'
  /** Bytes wanted of what is being read, padding included. */
  #wanted = lengthBytes
  /** Of the string or contents being read, without padding. */
  #length = 0

  constructor(visitor: NarVisitor, options: { readonly maxSize?: number } = {}) {
    this.#visitor = visitor
    this.#maxSize = options.maxSize ?? Number.MAX_SAFE_INTEGER
  }

  /** Bytes read. */
  get size(): number {
    return this.#size
  }

  write(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#place === 'end') throw this.#invalid('something follows its end')
      at += this.#reading === 'contents' ? this.#passContents(bytes, at) : this.#readPart(bytes, at)
    }
  }

  /** Throws if the NAR is not complete. */
  end(): void {
    if (this.#place !== 'end') throw this.#invalid('it is cut short')
  }

  #passContents(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#wanted, bytes.length - at)
    this.#visitor.contents?.(bytes.subarray(at, at + count))
    this.#size += count
    this.#wanted -= count
    if (this.#wanted === 0) this.#expectPadding()
    return count
  }

  #readPart(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#wanted - this.#splitBytes, bytes.length - at)
    this.#size += count
    if (count === this.#wanted) {
      this.#take(bytes.subarray(at, at + count))
      return count
    }
    this.#split.set(bytes.subarray(at, at + count), this.#splitBytes)
    this.#splitBytes += count
    if (this.#splitBytes === this.#wanted) {
      this.#splitBytes = 0
      this.#take(this.#split.subarray(0, this.#wanted))
    }
    return count
  }

  #take(part: Uint8Array): void {
    if (this.#reading === 'length') {
      this.#takeLength(readLength(part))
      return
    }
    for (let i = this.#length; i < part.length; i++) {
      if (part[i] !== 0) throw this.#invalid('its padding is not zero')
    }
    if (this.#reading === 'padding') this.#finishContents()
    else this.#takeString(part.subarray(0, this.#length))
  }

  #takeLength(length: number): void {
    if (length + paddingOf(length) > this.#maxSize - this.#size)
      throw this.#invalid('it is larger than it may be')
    this.#length = length
    this.#wanted = length
    if (this.#place === 'contents' || this.#place === 'executableContents') {
      this.#reading = 'contents'
      const executable = this.#place === 'executableContents'
      this.#visitor.file?.({ size: length, executable, offset: this.#size })
      if (length === 0) this.#finishContents()
      return
    }
    if (length > maxBytesAt(this.#place)) throw this.#invalid(`a string of ${length} bytes is too long here`)
    this.#reading = 'string'
    this.#wanted += paddingOf(length)
    if (length === 0) this.#takeString(empty)
  }

  #expectPadding(): void {
    this.#reading = 'padding'
    this.#wanted = paddingOf(this.#length)
    this.#length = 0
    if (this.#wanted === 0) this.#finishContents()
  }

  #finishContents(): void {
    this.#expectLength()
    this.#place = 'close'
  }

  #expectLength(): void {
    this.#reading = 'length'
    this.#wanted = lengthBytes
  }

  #takeString(bytes: Uint8Array): void {
    this.#expectLength()
    if (this.#place === 'name') this.#takeName(bytes.slice())
    else if (this.#place === 'target') this.#takeTarget(bytes.slice())
    else this.#takeWord(latin1(bytes))
  }

  #takeName(name: Uint8Array): void {
    checkName(name)
    if (compareNames(this.#latestNames.at(-1) ?? empty, name) >= 0) {
      throw this.#invalid('the names in a directory are not in ascending order')
    }
    this.#latestNames[this.#latestNames.length - 1] = name
    this.#visitor.entry?.(name)
    this.#place = 'entryNode'
  }

  #takeTarget(target: Uint8Array): void {
    checkTarget(target)
    this.#visitor.symlink?.(target)
    this.#place = 'close'
  }

  #takeWord(word: string): void {
    const step = wordsAt(this.#place).get(word)
    if (step === undefined) throw this.#invalid(`${JSON.stringify(word)} cannot stand here`)
    this.#place = this.#follow(step)
  }

  #follow(step: Step): Place {
    if (step === 'node') {
      checkDepth(this.#latestNames.length)
      return 'open'
    }
    if (step === 'directory') {
      this.#latestNames.push(empty)
      this.#visitor.directory?.()
      return 'entries'
    }
    if (step === 'leaveDirectory') {
      this.#latestNames.pop()
      this.#visitor.leaveDirectory?.()
      return this.#follow('leaveNode')
    }
    if (step === 'leaveNode') return this.#latestNames.length === 0 ? 'end' : 'closeEntry'
    return step
  }

  #invalid(reason: string): FormatError {
    return new FormatError('nar', `This is not a NAR that Nix would write: at byte ${this.#size} ${reason}.`)
  }
}

const lengthBytes = 8
const empty = new Uint8Array()

function maxBytesAt(place: Place): number {
  if (place === 'name') return maxNameBytes
  return place === 'target' ? maxTargetBytes : maxWordBytes
}

/** 64 bits, little-endian. Beyond what a double holds it is not exact, but then it is larger than any NAR may be. */
function readLength(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true)
}

function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
