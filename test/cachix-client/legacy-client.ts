import type { DumpedPath } from './dumped-path.ts'
import type { Wire } from './wire.ts'

export interface LegacyOptions {
  readonly cache: string
  /** Undefined: from before 1.1, which does not say and means xz. */
  readonly compression?: 'zst' | 'xz' | undefined
}

/** From here on, in bytes, another host is sent to. */
const smallPath = 1_000_000

/** What the genuine client does up to 1.2, request by request: asks about each path, sends whole files, then narinfos. */
export class LegacyClient {
  readonly #wire: Wire
  readonly #options: LegacyOptions

  constructor(wire: Wire, options: LegacyOptions) {
    this.#wire = wire
    this.#options = options
  }

  async push(paths: readonly DumpedPath[]): Promise<void> {
    for (const path of paths) if (!(await this.isThere(path))) await this.#send(path)
  }

  async isThere({ storeHash }: DumpedPath): Promise<boolean> {
    const { cache } = this.#options
    const { status } = await this.#wire.send({
      method: 'HEAD',
      path: `/api/v1/cache/${cache}/${storeHash}.narinfo`,
    })
    return status === 200
  }

  async #send({ storeHash, file, narInfoCreate }: DumpedPath): Promise<void> {
    const { cache, compression } = this.#options
    const query = compression === undefined ? '' : `?compression=${compression}`
    await this.#wire.tell({
      method: 'POST',
      host: file.length < smallPath ? `${cache}.localhost` : 'api.localhost',
      path: `/cache/${cache}/nar${query}`,
      headers: { 'content-type': 'application/octet-stream', 'transfer-encoding': 'chunked' },
      body: file,
      isStreamed: true,
    })
    await this.#wire.tell({ method: 'POST', path: `/cache/${cache}/${storeHash}.narinfo` }, narInfoCreate)
  }
}
