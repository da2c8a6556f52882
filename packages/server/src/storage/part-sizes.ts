/** Of ten thousand parts at most, which is half a megabyte for each. */
const maxFiles = 64

/** Bytes by the numbers of parts. */
export type SizeByNumber = ReadonlyMap<number, number>

/** How much has come of the files that were asked for last, so that nobody has to look at ten thousand parts for each of them. */
export class PartSizes {
  readonly #files = new Map<string, Promise<FileSizes | undefined>>()
  readonly #read: (id: string) => Promise<SizeByNumber | undefined>

  /** `read` looks at all parts of a file; undefined if there is no such file. */
  constructor(read: (id: string) => Promise<SizeByNumber | undefined>) {
    this.#read = read
  }

  /** Undefined if there is no such file. */
  async of(id: string): Promise<FileSizes | undefined> {
    const known = this.#files.get(id) ?? this.#load(id)
    this.#files.delete(id)
    this.#files.set(id, known)
    const [oldest = id] = this.#files.keys()
    if (this.#files.size > maxFiles) this.#files.delete(oldest)
    const sizes = await known.catch((error: unknown) => {
      this.forget(id)
      throw error
    })
    if (sizes === undefined) this.forget(id)
    return sizes
  }

  forget(id: string): void {
    this.#files.delete(id)
  }

  async #load(id: string): Promise<FileSizes | undefined> {
    const sizes = await this.#read(id)
    return sizes === undefined ? undefined : new FileSizes(sizes)
  }
}

/** Of one file. */
export class FileSizes {
  readonly #sizes: Map<number, number>
  #sum = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(sizes: SizeByNumber) {
    this.#sizes = new Map(sizes)
    for (const size of sizes.values()) this.#sum += size
  }

  /** Bytes of all parts but this one. */
  beside(number: number): number {
    return this.#sum - (this.#sizes.get(number) ?? 0)
  }

  /** A part has come; says whether it takes the place of another. */
  note(number: number, size: number): boolean {
    const isThere = this.#sizes.has(number)
    this.#sum = this.beside(number) + size
    this.#sizes.set(number, size)
    return isThere
  }

  /** Does the work when what was to be done before is done: of two parts of one number the later takes the place. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => undefined)
    return result
  }
}
