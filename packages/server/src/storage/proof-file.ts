import { appendFile, open, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** That a pack in this state has the bytes it is named after. */
export interface PackProof {
  readonly name: string
  /** As `Pack` has them. */
  readonly version: string
  readonly changedAt: string
}

/** Bytes. More than twice the most that is ever written; what is larger is not this file. */
const largest = 64 * 1024 ** 2

/**
 * `proven-packs` in a directory that belongs to this process alone: a line for each proof, later ones instead of earlier
 * ones, nothing synced. That is safe without a checksum: a line is believed only of a pack whose inode, size and times
 * it has to the nanosecond, which no torn line does, and a line that is lost costs reading a pack once.
 */
export class ProofFile {
  readonly #path: string
  readonly #onFailure: (error: unknown) => void
  #pending: PackProof[] = []
  #writing: Promise<void> = Promise.resolve()

  /** `onFailure` is told when something could not be written, which is no reason to stop. */
  constructor(directory: string, onFailure: (error: unknown) => void) {
    this.#path = join(directory, 'proven-packs')
    this.#onFailure = onFailure
  }

  /** Earliest first; none where there is no such file, or none that can be read. */
  async read(): Promise<PackProof[]> {
    const lines = (await readSmall(this.#path).catch(() => '')).split('\n')
    return lines.map(parseLine).filter((proof) => proof !== undefined)
  }

  /** Nobody waits for it: what is added while the last is on its way is written together. */
  add(proof: PackProof): void {
    this.#pending.push(proof)
    if (this.#pending.length === 1) this.#enqueue(() => appendFile(this.#path, this.#takePending()))
  }

  /** Puts others in place of all that was added; they are asked for when their turn has come. */
  replace(proofs: () => Iterable<PackProof>): void {
    this.#enqueue(async () => {
      this.#pending = []
      const draft = `${this.#path}.new`
      await writeFile(draft, Array.from(proofs(), formatLine).join(''))
      await rename(draft, this.#path)
    })
  }

  /** Resolves when all of it is written, or has failed. */
  settled(): Promise<void> {
    return this.#writing
  }

  #enqueue(write: () => Promise<void>): void {
    this.#writing = this.#writing.then(write).catch(this.#onFailure)
  }

  #takePending(): string {
    return this.#pending.splice(0).map(formatLine).join('')
  }
}

async function readSmall(path: string): Promise<string> {
  const file = await open(path)
  try {
    return (await file.stat()).size > largest ? '' : await file.readFile('latin1')
  } finally {
    await file.close()
  }
}

function formatLine({ name, version, changedAt }: PackProof): string {
  return `${name} ${changedAt} ${version}\n`
}

function parseLine(line: string): PackProof | undefined {
  const [, name, changedAt, version] = /^([0-9a-f]{64}) (\d{1,20}) ([\d ]{1,80})$/.exec(line) ?? []
  if (name === undefined || changedAt === undefined || version === undefined) return undefined
  return { name, changedAt, version }
}
