import type { CurrentClient } from './current-client.ts'
import type { DumpedPath } from './dumped-path.ts'

export interface PushDaemonOptions {
  /** Store hashes in one question; 100 by default. */
  readonly batchSize: number
  readonly jobs: number
}

/**
 * What the daemon does with the paths that it is asked to push, and `watch-exec` by its post-build hook: it asks about the
 * paths of several requests together, sends while it still asks, and for five minutes does not ask again about what was
 * there.
 */
export class PushDaemon {
  readonly #client: CurrentClient
  readonly #options: PushDaemonOptions
  readonly #present = new Set<string>()
  readonly #uploads = new Map<string, Promise<void>>()
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(client: CurrentClient, options: PushDaemonOptions) {
    this.#client = client
    this.#options = options
  }

  /** One call for each of the requests that came within half a second. */
  async push(requests: readonly (readonly DumpedPath[])[]): Promise<void> {
    const paths = new Map(requests.flat().map((path) => [path.storeHash, path]))
    const asked = [...paths.keys()].filter((hash) => !this.#present.has(hash))
    const uploads: Promise<void>[] = []
    for (let start = 0; start < asked.length; start += this.#options.batchSize) {
      const batch = asked.slice(start, start + this.#options.batchSize)
      const missing = new Set(await this.#client.missing(batch))
      for (const hash of batch) {
        if (missing.has(hash)) uploads.push(this.#upload(paths.get(hash)!))
        else this.#present.add(hash)
      }
    }
    await Promise.all(uploads)
  }

  /** Once, whoever asks for it meanwhile. */
  #upload(path: DumpedPath): Promise<void> {
    const underWay = this.#uploads.get(path.storeHash)
    if (underWay !== undefined) return underWay
    const upload = this.#inTurn(path).finally(() => this.#uploads.delete(path.storeHash))
    this.#uploads.set(path.storeHash, upload)
    return upload
  }

  async #inTurn(path: DumpedPath): Promise<void> {
    while (this.#running >= this.#options.jobs) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#running++
    try {
      await this.#client.sendPatiently(path)
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }
}
