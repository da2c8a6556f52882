import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { BinaryCache } from '@cachix/api'
import type { DumpedPath } from './dumped-path.ts'
import { Patience } from './patience.ts'
import type { Wire } from './wire.ts'

export interface Part {
  readonly partNumber: number
  readonly bytes: Buffer
}

export interface BegunUpload {
  readonly narId: string
  readonly uploadId: string
}

export interface ClientOptions {
  readonly cache: string
  readonly chunkSize: number
  /** Default: waits for nothing. */
  readonly patience?: Patience
}

export interface PinOptions {
  readonly storePath: string
  readonly artifacts: readonly string[]
  readonly keep: { readonly tag: string; readonly contents?: number } | null
}

/** Between whole attempts at a path, in milliseconds. */
const betweenAttempts = 5000

/** What the genuine client does from 1.3 on, request by request. */
export class CurrentClient {
  readonly #wire: Wire
  readonly #cache: string
  readonly #chunkSize: number
  readonly #patience: Patience

  constructor(wire: Wire, { cache, chunkSize, patience }: ClientOptions) {
    this.#wire = wire
    this.#patience = patience ?? Patience.inVirtualTime()
    this.#cache = `/cache/${cache}`
    this.#chunkSize = chunkSize
  }

  /** All seven fields, and those exactly. */
  async getCache(): Promise<BinaryCache> {
    const cache = BinaryCache.parse(await this.#wire.ask({ method: 'GET', path: this.#cache }))
    for (const field of [
      'name',
      'uri',
      'isPublic',
      'publicSigningKeys',
      'githubUsername',
      'permission',
      'preferredCompressionMethod',
    ])
      assert.ok(field in cache, field)
    return cache
  }

  async missing(storeHashes: readonly string[]): Promise<readonly string[]> {
    return (await this.#wire.ask({ method: 'POST', path: `${this.#cache}/narinfo` }, storeHashes)) as string[]
  }

  /** All at once, in no order, no more than 8 under way. */
  async push(paths: readonly DumpedPath[]): Promise<void> {
    const missing = new Set(await this.missing(paths.map((path) => path.storeHash)))
    const queue = paths.filter((path) => missing.has(path.storeHash)).values()
    const work = async (): Promise<void> => {
      for (const path of queue) await this.send(path)
    }
    await Promise.all(Array.from({ length: 8 }, work))
  }

  /** `import` asks about each path so. */
  async has(storeHash: string): Promise<boolean> {
    const { status } = await this.#wire.call({ method: 'HEAD', path: `${this.#cache}/${storeHash}.narinfo` })
    assert.ok(status === 200 || status === 404, String(status))
    return status === 200
  }

  /** From the beginning again, three times more, whatever the reason. */
  async sendPatiently(path: DumpedPath): Promise<void> {
    for (let left = 3; ; left--) {
      try {
        return await this.send(path)
      } catch (error) {
        if (left === 0) throw error
        await this.#patience.wait(betweenAttempts)
      }
    }
  }

  pin(name: string, pin: PinOptions): Promise<void> {
    return this.#wire.tell({ method: 'POST', path: `${this.#cache}/pin` }, { name, ...pin })
  }

  /** In parts of one size but the last, 4 under way; after a whole number of chunks comes an empty part. */
  async send(path: DumpedPath): Promise<void> {
    const upload = await this.begin(path.compression)
    const queue = this.cut(path.file).values()
    const parts: { partNumber: number; eTag: string | undefined }[] = []
    const work = async (): Promise<void> => {
      for (const part of queue)
        parts.push({ partNumber: part.partNumber, eTag: await this.sendPart(upload, part) })
    }
    await Promise.all(Array.from({ length: 4 }, work))
    await this.complete(upload, parts.every(({ eTag }) => eTag !== undefined) ? parts : null, path)
  }

  cut(file: Buffer): Part[] {
    const count = Math.floor(file.length / this.#chunkSize) + 1
    return Array.from({ length: count }, (_, index) => ({
      partNumber: index + 1,
      bytes: file.subarray(index * this.#chunkSize, (index + 1) * this.#chunkSize),
    }))
  }

  async begin(compression: 'zst' | 'xz' = 'zst'): Promise<BegunUpload> {
    const path = `${this.#cache}/multipart-nar?compression=${compression}`
    return (await this.#wire.ask({ method: 'POST', path })) as BegunUpload
  }

  async sign({ narId, uploadId }: BegunUpload, { partNumber, bytes }: Part): Promise<string> {
    const path = `${this.#cache}/multipart-nar/${narId}?uploadId=${uploadId}&partNumber=${partNumber}`
    const signed = await this.#wire.ask({ method: 'POST', path }, { contentMD5: md5(bytes) })
    return (signed as { uploadUrl: string }).uploadUrl
  }

  /** Without authorization. Gives the ETag as it came. */
  async put(uploadUrl: string, bytes: Buffer): Promise<string | undefined> {
    const { hostname, pathname, search } = new URL(uploadUrl)
    const headers = { 'content-type': 'application/octet-stream', 'content-md5': md5(bytes) }
    const sent = { method: 'PUT', host: hostname, path: pathname + search, headers, body: bytes } as const
    const { status, headers: answered, body } = await this.#wire.send(sent)
    assert.equal(Math.floor(status / 100), 2, body.toString())
    return answered.etag
  }

  async sendPart(upload: BegunUpload, part: Part): Promise<string | undefined> {
    return this.put(await this.#signOrAbort(upload, part), part.bytes)
  }

  /** The only failure after which the client cleans up. */
  async #signOrAbort(upload: BegunUpload, part: Part): Promise<string> {
    try {
      return await this.sign(upload, part)
    } catch (error) {
      await this.abort(upload)
      throw error
    }
  }

  complete({ narId, uploadId }: BegunUpload, parts: unknown, { narInfoCreate }: DumpedPath): Promise<void> {
    const path = `${this.#cache}/multipart-nar/${narId}/complete?uploadId=${uploadId}`
    return this.#wire.tell({ method: 'POST', path }, { parts, narInfoCreate })
  }

  abort({ narId, uploadId }: BegunUpload): Promise<void> {
    return this.#wire.tell({
      method: 'POST',
      path: `${this.#cache}/multipart-nar/${narId}/abort?uploadId=${uploadId}`,
    })
  }
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('base64')
}
