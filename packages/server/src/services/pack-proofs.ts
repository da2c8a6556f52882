import { LRUCache } from 'lru-cache'

import type { Pack, PackStore } from '../storage/pack-store.ts'
import { isIntactPack } from './intact-pack.ts'
import type { NarWorkers } from './workers/nar-workers.ts'

export interface PackProofsDeps {
  readonly packs: PackStore
  readonly readWorkers: NarWorkers
}

/** About 200 bytes each. */
const mostKnown = 100_000

/**
 * Which packs have the bytes they are named after. A pack is read whole to find out, by one for all who ask, and is known
 * then for as long as the process runs and nobody writes to the pack.
 */
export class PackProofs {
  /** Versions, by name. */
  readonly #known = new LRUCache<string, string>({ max: mostKnown })
  readonly #checks = new Map<string, Promise<boolean>>()

  async holds(deps: PackProofsDeps, name: string, pack: Pack): Promise<boolean> {
    if (this.#known.get(name) === pack.version) return true
    const key = `${name} ${pack.version}`
    const check = this.#checks.get(key) ?? this.#check(deps, name, pack)
    this.#checks.set(key, check)
    try {
      return await check
    } finally {
      this.#checks.delete(key)
    }
  }

  /** The same store. What is put into it has been verified on its way, which is proof enough. */
  trusting(packs: PackStore): PackStore {
    return {
      createSpool: () => packs.createSpool(),
      put: async (name, spool) => {
        await packs.put(name, spool)
        const pack = await packs.open(name)
        if (pack !== undefined) this.#known.set(name, pack.version)
      },
      open: (name) => packs.open(name),
      delete: (name) => packs.delete(name),
      list: () => packs.list(),
    }
  }

  async #check({ packs, readWorkers }: PackProofsDeps, name: string, pack: Pack): Promise<boolean> {
    // Not the signal of a reader, for whom others may be waiting as well.
    const { signal } = new AbortController()
    const { path } = pack
    const isIntact =
      path === undefined
        ? await isIntactPack(packs, name, signal)
        : (await readWorkers.run('checkPack', { name, path, chunks: [] }, signal)).isIntact
    if (isIntact) this.#known.set(name, pack.version)
    return isIntact
  }
}
