import { statSync } from 'node:fs'
import { mkdir, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'

import { CacheError } from '../cache-error.ts'
import type { AssembledFiles } from './assembled-files.ts'

export interface AssembledFilesOptions {
  /** Bytes, of all of them together; undefined: a tenth of the file system, at most 16 GiB. */
  readonly limit: number | undefined
  /** Milliseconds for which a file stays at its path after somebody was told of it. */
  readonly openingMs?: number
}

/** Between telling a path and opening it there is no more than a turn or two of the event loop. */
const defaultOpeningMs = 5_000
const mostByDefault = 16 * 1024 ** 3

/**
 * Files in `assembled/` under `directory`, which belongs to this process alone. Which are there is known in memory only,
 * so a name is never there before all of its bytes; what an earlier process left is removed, since without syncing
 * nobody knows what a power loss has made of it.
 */
export async function openDiskAssembledFiles(
  directory: string,
  { limit, openingMs = defaultOpeningMs }: AssembledFilesOptions,
): Promise<AssembledFiles> {
  const files = join(directory, 'assembled')
  await rm(files, { recursive: true, force: true })
  await mkdir(files, { recursive: true })
  return new DiskAssembledFiles(files, { limit: limit ?? (await defaultLimit(files)), openingMs })
}

async function defaultLimit(directory: string): Promise<number> {
  const { blocks, bsize } = await statfs(directory)
  return Math.min((blocks * bsize) / 10, mostByDefault)
}

interface Entry {
  readonly path: string
  readonly size: number
  /** What the file was when it was made; a reader that finds it otherwise has it made again. */
  readonly made: Promise<FileState>
  isMade: boolean
  /** When it was last asked for, in milliseconds. */
  usedAt: number
}

interface FileState {
  readonly size: number
  readonly mtimeMs: number
  readonly ino: number
}

class DiskAssembledFiles implements AssembledFiles {
  readonly #directory: string
  readonly #limit: number
  readonly #openingMs: number
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>()
  #size = 0
  #count = 0
  #later: NodeJS.Timeout | undefined

  constructor(directory: string, { limit, openingMs }: { limit: number; openingMs: number }) {
    this.#directory = directory
    this.#limit = limit
    this.#openingMs = openingMs
  }

  get size(): number {
    return this.#size
  }

  async get(name: string, size: number, make: (path: string) => Promise<void>): Promise<string | undefined> {
    if (size > this.#limit) return undefined
    await this.#dropIfHarmed(name)
    const entry = this.#entries.get(name) ?? this.#add(name, size, make)
    try {
      await entry.made
    } catch (error) {
      if (error instanceof CacheError && error.code === 'disk-full') return undefined
      throw error
    }
    return this.#use(name, entry)
  }

  close(): void {
    clearTimeout(this.#later)
  }

  async #dropIfHarmed(name: string): Promise<void> {
    const entry = this.#entries.get(name)
    if (entry?.isMade !== true) return
    const then = await entry.made
    const now = statSync(entry.path, { throwIfNoEntry: false })
    const isUnharmed = now?.size === then.size && now.mtimeMs === then.mtimeMs && now.ino === then.ino
    if (!isUnharmed) this.#drop(name, entry)
  }

  #use(name: string, entry: Entry): string {
    entry.usedAt = Date.now()
    if (this.#entries.get(name) === entry) {
      this.#entries.delete(name)
      this.#entries.set(name, entry)
    }
    return entry.path
  }

  #add(name: string, size: number, make: (path: string) => Promise<void>): Entry {
    // A path of its own each time: removing an old one cannot touch a new one.
    const path = join(this.#directory, `${name}-${this.#count++}`)
    const made = make(path).then(() => stateOf(path, size))
    const entry: Entry = { path, size, made, isMade: false, usedAt: Date.now() }
    made.then(
      () => (entry.isMade = true),
      (error: unknown) => {
        this.#drop(name, entry)
        // What is needed to store packs, or to assemble what is asked for now, is not kept for what was.
        if (error instanceof CacheError && error.code === 'disk-full') this.#makeRoom(0)
      },
    )
    this.#entries.set(name, entry)
    this.#size += size
    this.#makeRoom(this.#limit)
    return entry
  }

  /** Drops the least recently used files until the others have no more bytes than that. */
  #makeRoom(limit: number): void {
    clearTimeout(this.#later)
    const longAgo = Date.now() - this.#openingMs
    for (const [name, entry] of this.#entries) {
      if (this.#size <= limit) return
      if (entry.isMade && entry.usedAt <= longAgo) this.#drop(name, entry)
    }
    // The rest has only just been told of.
    this.#later = setTimeout(() => this.#makeRoom(this.#limit), this.#openingMs).unref()
  }

  #drop(name: string, entry: Entry): void {
    if (this.#entries.get(name) !== entry) return
    this.#entries.delete(name)
    this.#size -= entry.size
    void rm(entry.path, { force: true }).catch(() => undefined)
  }
}

function stateOf(path: string, size: number): FileState {
  const state = statSync(path)
  if (state.size !== size) throw new Error(`${path} has ${state.size} bytes instead of ${size}.`)
  return state
}
