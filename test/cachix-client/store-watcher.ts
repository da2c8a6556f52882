import type { CurrentClient } from './current-client.ts'
import type { DumpedPath } from './dumped-path.ts'

export interface WatchedStore {
  /** The paths that one needs, itself among them. */
  readonly closureOf: (path: string) => Promise<readonly string[]>
  /** Undefined for what is no longer there. */
  readonly dump: (path: string) => Promise<DumpedPath | undefined>
}

const jobs = 8

/**
 * What `watch-store` does, and `watch-exec` where the post-build hook cannot be used: as soon as paths are built it takes
 * all of their closures, and asks about each member by itself right before it sends it.
 */
export class StoreWatcher {
  readonly #client: CurrentClient
  readonly #store: WatchedStore

  constructor(client: CurrentClient, store: WatchedStore) {
    this.#client = client
    this.#store = store
  }

  /** What was built since it last looked. Does not wait for what it sees at the same time elsewhere. */
  async sees(built: readonly string[]): Promise<void> {
    const closures = await Promise.all(built.map((path) => this.#store.closureOf(path)))
    const queue = new Set(closures.flat()).values()
    const work = async (): Promise<void> => {
      for (const path of queue) await this.#push(path)
    }
    await Promise.all(Array.from({ length: jobs }, work))
  }

  async #push(path: string): Promise<void> {
    const dumped = await this.#store.dump(path)
    if (dumped === undefined) return
    const missing = await this.#client.missing([dumped.storeHash])
    if (missing.length > 0) await this.#client.sendPatiently(dumped)
  }
}
