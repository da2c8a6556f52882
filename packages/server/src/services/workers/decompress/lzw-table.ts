const singleBytes = 256

/** The strings that codes stand for, each the string of an earlier code and one more byte. */
export class LzwTable {
  readonly #first: number
  readonly #prefixes: Uint16Array
  readonly #endings: Uint8Array
  readonly #backwards: Uint8Array
  /** The next code to be given. */
  free: number

  /** `first` is the first code that is not a byte. */
  constructor(size: number, first: number) {
    this.#first = first
    this.#prefixes = new Uint16Array(size)
    this.#endings = new Uint8Array(size)
    this.#backwards = new Uint8Array(size)
    this.free = first
    for (let byte = 0; byte < singleBytes; byte++) this.#endings[byte] = byte
  }

  /** Nothing if the table is full. */
  add(prefix: number, ending: number): void {
    if (this.free === this.#prefixes.length) return
    this.#prefixes[this.free] = prefix
    this.#endings[this.free] = ending
    this.free++
  }

  clear(): void {
    this.free = this.#first
  }

  /** The string of a code below `free`. Valid until the next call. */
  read(code: number): Uint8Array {
    let start = this.#backwards.length
    for (; code >= singleBytes; code = this.#prefixes[code] as number) {
      this.#backwards[--start] = this.#endings[code] as number
    }
    this.#backwards[--start] = this.#endings[code] as number
    return this.#backwards.subarray(start)
  }
}
