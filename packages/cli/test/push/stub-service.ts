import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer, json } from 'node:stream/consumers'
import type { BinaryCache, PathCreate, PathOutcome as Verdict, PathsCreate } from '@cachix/api'
import { decodeFrame, verifyFrame } from '@cachix/frames'
import {
  decodeChunkLayout,
  decodeChunkRecipe,
  fillHoles,
  PackIndexReader,
  renderHash,
  type Pattern,
} from '@cachix/protocol'

interface StoredChunk {
  readonly frame: Uint8Array
  readonly patches: Pattern
  readonly contentSize: number
}

/** A service without accounts, over real HTTP, that checks all it is sent and goes wrong where a test wants it to. */
export interface StubService extends AsyncDisposable {
  readonly url: string
  readonly cache: { -readonly [field in keyof BinaryCache]: BinaryCache[field] }
  /** Store hashes. */
  readonly present: Set<string>
  readonly chunks: Map<string, StoredChunk>
  /** In the order in which they came. */
  readonly published: PathCreate[]
  /** Sizes of the requests that published. */
  readonly batches: number[]
  /** Names of the chunks asked about. */
  readonly questions: string[][]
  readonly bundles: { readonly names: readonly string[]; readonly bytes: number }[]
  /** Called before a request is answered. Returns true when it has dealt with it. */
  meddle: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>
  /** Called before a path is published; what it returns is the verdict. */
  judge: (path: PathCreate) => Verdict | undefined
}

export async function startStubService(): Promise<StubService> {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
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
    chunks: new Map(),
    published: [],
    batches: [],
    questions: [],
    bundles: [],
    meddle: () => false,
    judge: () => undefined,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (await service.meddle(request, response)) return
    const path = (request.url ?? '').replace('/api/v1/cache/mycache', '').replace(/\?.*/, '')
    response.end(JSON.stringify(await answerTo(service, path, request)))
  }
  return service
}

async function answerTo(service: StubService, path: string, request: IncomingMessage): Promise<unknown> {
  if (path === '') return service.cache
  if (path === '/bundles') return receive(service, await buffer(request))
  const body = await json(request)
  if (path === '/narinfo') return (body as string[]).filter((hash) => !service.present.has(hash))
  if (path === '/chunks/missing') {
    service.questions.push(body as string[])
    return (body as string[]).filter((name) => !service.chunks.has(name))
  }
  const { paths } = body as PathsCreate
  service.batches.push(paths.length)
  return { paths: paths.map((each) => publish(service, each)) }
}

function receive(service: StubService, body: Uint8Array): { stored: number; known: number } {
  const reader = new PackIndexReader(body.length)
  const frames = reader.write(body)
  const { chunks: index } = reader.end()
  let at = 0
  for (const { name, length, contentSize, layout } of index) {
    const frame = frames.slice(at, (at += length))
    const { pattern, patches } = decodeChunkLayout(layout, { length, contentSize })
    verifyFrame({ bytes: frame, patches, pattern, contentSize, name })
    service.chunks.set(name, { frame, patches, contentSize })
  }
  if (at !== frames.length) throw new Error('more frames than in the index')
  service.bundles.push({ names: index.map(({ name }) => name), bytes: body.length })
  return { stored: index.length, known: 0 }
}

function publish(service: StubService, path: PathCreate): Verdict {
  const verdict = service.judge(path) ?? check(service, path)
  if (verdict.outcome === 'failed') return verdict
  service.published.push(path)
  service.present.add(path.storePath.slice(0, 32))
  return verdict
}

function check(service: StubService, { storePath, narHash, references, recipe }: PathCreate): Verdict {
  const absent = references.filter((name) => name !== storePath && !service.present.has(name.slice(0, 32)))
  if (absent.length > 0) return failed('missing-references', `It needs ${absent.join(', ')}.`)
  const hash = renderHash({ algorithm: 'sha256', bytes: narHashOf(service, Buffer.from(recipe, 'base64')) })
  return hash === narHash ? { outcome: 'published' } : failed('hash-mismatch', `Its NAR hash is ${hash}.`)
}

function narHashOf(service: StubService, recipe: Uint8Array): Uint8Array {
  const digest = createHash('sha256')
  for (const { name, hashes } of decodeChunkRecipe(recipe)) {
    const chunk = service.chunks.get(name)
    if (chunk === undefined) throw new Error(`There is no chunk ${name}.`)
    const frame = chunk.frame.slice()
    fillHoles(frame, chunk.patches, hashes)
    digest.update(decodeFrame(frame, chunk.contentSize))
  }
  return digest.digest()
}

export function failed(code: string, message: string): Verdict {
  return { outcome: 'failed', code, message }
}
