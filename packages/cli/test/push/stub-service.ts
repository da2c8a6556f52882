import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer, json } from 'node:stream/consumers'
import { zstdDecompressSync } from 'node:zlib'
import type { BinaryCache, NarInfoCreate, UploadedNar } from '@cachix/api'
import { FrameSplitter, maxFrameContent, renderHash } from '@cachix/protocol'

/** A service that believes everything, over real HTTP, and goes wrong where a test wants it to. */
export interface StubService extends AsyncDisposable {
  readonly url: string
  readonly cache: { -readonly [field in keyof BinaryCache]: BinaryCache[field] }
  /** Store hashes. */
  readonly present: Set<string>
  /** In the order in which they came. */
  readonly published: NarInfoCreate[]
  readonly uploads: { readonly nar: Buffer; readonly frames: number; readonly fileSize: number }[]
  /** Called before a request is answered. Returns true when it has dealt with it. */
  meddle: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>
}

export async function startStubService(): Promise<StubService> {
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const service: StubService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cache: {
      name: 'mycache',
      uri: 'http://mycache.localhost',
      isPublic: true,
      publicSigningKeys: [`mycache.localhost-1:${'A'.repeat(43)}=`],
      githubUsername: 'owner',
      permission: 'Admin',
      preferredCompressionMethod: 'ZSTD',
    },
    present: new Set(),
    published: [],
    uploads: [],
    meddle: () => false,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (await service.meddle(request, response)) return
    const path = (request.url ?? '').replace('/api/v1/cache/mycache', '')
    const answer = await answerTo(service, path, request)
    response.end(answer === undefined ? '' : JSON.stringify(answer))
  }
  return service
}

async function answerTo(service: StubService, path: string, request: IncomingMessage): Promise<unknown> {
  if (path === '') return service.cache
  if (path.startsWith('/nar?')) return await receive(service, request)
  if (path === '/narinfo') {
    return ((await json(request)) as string[]).filter((hash) => !service.present.has(hash))
  }
  const info = (await json(request)) as NarInfoCreate
  service.published.push(info)
  service.present.add(info.cStoreHash)
  return undefined
}

async function receive(service: StubService, request: IncomingMessage): Promise<UploadedNar> {
  const file = await buffer(request)
  const splitter = new FrameSplitter({ maxFrameBytes: 2 * maxFrameContent, maxContentBytes: maxFrameContent })
  const frames = splitter.write(file)
  splitter.end()
  const nar = Buffer.concat(frames.map((frame) => zstdDecompressSync(frame.bytes)))
  service.uploads.push({ nar, frames: frames.length, fileSize: file.length })
  return {
    fileHash: createHash('sha256').update(file).digest('hex'),
    fileSize: file.length,
    narHash: renderHash({ algorithm: 'sha256', bytes: createHash('sha256').update(nar).digest() }),
    narSize: nar.length,
  }
}
