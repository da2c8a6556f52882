import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

import { CacheError } from '../cache-error.ts'
import type { CacheDatabase } from '../database/cache-database.ts'
import type { PackStore, Spool } from '../storage/pack-store.ts'

export interface LocalPacksDeps {
  readonly database: CacheDatabase
  readonly packs: PackStore
}

/** Packs as files of this machine, for worker threads: where they are files already those, else copies. */
export class LocalPacks implements AsyncDisposable {
  readonly #deps: LocalPacksDeps
  readonly #signal: AbortSignal
  readonly #paths = new Map<string, Promise<string>>()
  readonly #copies: Spool[] = []

  constructor(deps: LocalPacksDeps, signal: AbortSignal) {
    this.#deps = deps
    this.#signal = signal
  }

  /** Throws `damaged` if the pack is gone; then it is marked as such. */
  path(name: string): Promise<string> {
    const known = this.#paths.get(name) ?? this.#find(name)
    this.#paths.set(name, known)
    return known
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#copies.map((copy) => copy.discard()))
  }

  async #find(name: string): Promise<string> {
    const pack = await this.#deps.packs.open(name)
    if (pack === undefined) {
      await this.#deps.database.packs.markDamaged(name)
      throw new CacheError('damaged', `Pack ${name} is not there any more. Pushing again mends that.`)
    }
    if (pack.path !== undefined) return pack.path
    const copy = await this.#deps.packs.createSpool()
    this.#copies.push(copy)
    await pipeline(pack.read(0, pack.size), createWriteStream(copy.path), { signal: this.#signal })
    return copy.path
  }
}
