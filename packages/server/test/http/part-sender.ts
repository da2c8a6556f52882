import { createHash } from 'node:crypto'
import type { SampleNar, SamplePath } from '../services/sample-nar.ts'
import { claimsOf } from '../services/sample-nar.ts'
import type { Answer, HttpStage } from './http-stage.ts'

export interface BegunUpload {
  readonly narId: string
  readonly uploadId: string
}

export interface ListedPart {
  readonly partNumber: number
  readonly eTag: string
}

/** Sends NARs in parts, one step at a time. */
export class PartSender {
  readonly #stage: HttpStage
  readonly #cache: string

  constructor(stage: HttpStage, cache: string) {
    this.#stage = stage
    this.#cache = cache
  }

  async begin(compression = 'zst'): Promise<BegunUpload> {
    const { text } = await this.#stage.post(
      `/cache/${this.#cache}/multipart-nar?compression=${compression}`,
      '',
    )
    return JSON.parse(text) as BegunUpload
  }

  sign(upload: BegunUpload, partNumber: number | string, bytes: Uint8Array): Promise<Answer> {
    const query = `uploadId=${upload.uploadId}&partNumber=${partNumber}`
    const contentMD5 = createHash('md5').update(bytes).digest('base64')
    return this.#stage.post(`/cache/${this.#cache}/multipart-nar/${upload.narId}?${query}`, { contentMD5 })
  }

  /** The path and query to send the part to. */
  async addressOf(upload: BegunUpload, partNumber: number, bytes: Uint8Array): Promise<string> {
    const { uploadUrl } = JSON.parse((await this.sign(upload, partNumber, bytes)).text) as {
      uploadUrl: string
    }
    const { pathname, search } = new URL(uploadUrl)
    return pathname + search
  }

  put(address: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<Answer> {
    const type = { 'content-type': 'application/octet-stream', 'content-length': String(body.length) }
    return this.#stage.ask({ method: 'PUT', path: address, body, headers: { ...type, ...headers } })
  }

  async sendPart(upload: BegunUpload, partNumber: number, bytes: Uint8Array): Promise<ListedPart> {
    const { status, headers, text } = await this.put(await this.addressOf(upload, partNumber, bytes), bytes)
    if (status !== 200) throw new Error(`Part ${partNumber}: ${status} ${text}`)
    return { partNumber, eTag: headers.etag ?? '' }
  }

  complete(
    upload: BegunUpload,
    parts: readonly ListedPart[] | null,
    narInfoCreate: unknown,
  ): Promise<Answer> {
    const path = `/cache/${this.#cache}/multipart-nar/${upload.narId}/complete?uploadId=${upload.uploadId}`
    return this.#stage.post(path, { parts, narInfoCreate })
  }

  abort(upload: BegunUpload): Promise<Answer> {
    return this.#stage.post(
      `/cache/${this.#cache}/multipart-nar/${upload.narId}/abort?uploadId=${upload.uploadId}`,
      '',
    )
  }

  /** In as many parts as asked for, of the same size but the last. */
  async send(path: SamplePath, nar: SampleNar, count = 1): Promise<Answer> {
    const upload = await this.begin()
    const parts = cut(nar.file, count)
    const listed = await Promise.all(parts.map((part, i) => this.sendPart(upload, i + 1, part)))
    return this.complete(upload, listed, claimsOf(path, nar))
  }
}

export function cut(file: Uint8Array, count: number): Uint8Array[] {
  const size = Math.ceil(file.length / count)
  return Array.from({ length: count }, (_, i) => file.subarray(i * size, (i + 1) * size))
}
