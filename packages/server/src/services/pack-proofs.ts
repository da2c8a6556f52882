import { LRUCache } from 'lru-cache'

import type { Pack, PackStore } from '../storage/pack-store.ts'
import type { PackProof, ProofFile } from '../storage/proof-file.ts'
import { isIntactPack } from './intact-pack.ts'
import type { NarWorkers } from './workers/nar-workers.ts'

export interface PackProofsDeps {
  readonly packs: PackStore
  readonly readWorkers: NarWorkers
}

interface KnownProof extends PackProof {
  /** Whether it is of this process, or of an earlier one and not compared yet. */
  isOwn: boolean
}

/** About 400 bytes each, and 130 on disk. */
const mostKnown = 100_000
/** Lines of the file that say nothing any more, before it is written anew. */
const mostStale = 1_000

/**
 * Which packs have the bytes they are named after. A pack is read whole to find out, by one for all who ask, and is known
 * then for as long as nobody writes to the pack; with a file, also by the next process.
 *
 * While the process runs, inode, size and modification time tell. Of a proof of an earlier one the time of change must be
 * the same too: what was done meanwhile may have set the modification time, as restoring does. Not asked for always,
 * since a backup changes it, by a hard link, and would have all packs read again that readers are at.
 */
export class PackProofs {
  readonly #known = new LRUCache<string, KnownProof>({ max: mostKnown })
  readonly #checks = new Map<string, Promise<boolean>>()
  readonly #file: ProofFile | undefined
  /** Of the file. */
  #lines = 0

  /** Without a file, what is known is lost with the process. */
  constructor(file?: ProofFile) {
    this.#file = file
  }

  /** Knows what the file has about packs that are still there, and nothing else is left in it. */
  static async remembered(file: ProofFile, packs: Pick<PackStore, 'list'>): Promise<PackProofs> {
    const proofs = new PackProofs(file)
    const earlier = new Map((await file.read()).map((proof) => [proof.name, proof]))
    if (earlier.size > 0) {
      const there = new Set<string>()
      for await (const name of packs.list()) if (earlier.has(name)) there.add(name)
      for (const [name, proof] of earlier) {
        if (there.has(name)) proofs.#known.set(name, { ...proof, isOwn: false })
      }
    }
    proofs.#rewrite()
    return proofs
  }

  async holds(deps: PackProofsDeps, name: string, pack: Pack): Promise<boolean> {
    const known = this.#known.get(name)
    if (known !== undefined && isAbout(known, pack)) {
      known.isOwn = true
      return true
    }
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
        if (pack !== undefined) this.#note(name, pack)
      },
      open: (name) => packs.open(name),
      delete: async (name) => {
        this.#known.delete(name)
        await packs.delete(name)
      },
      list: () => packs.list(),
    }
  }

  /** Resolves when the file has all that is known, and nothing else. */
  async close(): Promise<void> {
    this.#rewrite()
    await this.#file?.settled()
  }

  async #check({ packs, readWorkers }: PackProofsDeps, name: string, pack: Pack): Promise<boolean> {
    // Not the signal of a reader, for whom others may be waiting as well.
    const { signal } = new AbortController()
    const { path } = pack
    const isIntact =
      path === undefined
        ? await isIntactPack(packs, name, signal)
        : (await readWorkers.run('checkPack', { name, path, chunks: [] }, signal)).isIntact
    if (isIntact) this.#note(name, pack)
    else this.#known.delete(name)
    return isIntact
  }

  #note(name: string, { version, changedAt }: Pack): void {
    const proof = { name, version, changedAt, isOwn: true }
    this.#known.set(name, proof)
    this.#file?.add(proof)
    this.#lines += 1
    if (this.#lines > 2 * this.#known.size + mostStale) this.#rewrite()
  }

  #rewrite(): void {
    // Least recently used first, as they are to go.
    this.#file?.replace(() => [...this.#known.rvalues()].filter((proof) => proof !== undefined))
    this.#lines = this.#known.size
  }
}

function isAbout(proof: KnownProof, pack: Pack): boolean {
  return proof.version === pack.version && (proof.isOwn || proof.changedAt === pack.changedAt)
}
