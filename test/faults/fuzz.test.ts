import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { ApiClient } from '../harness/api-client.ts'
import { CachixServer } from '../harness/cachix-server.ts'
import { makeBundle } from '../harness/made-bundle.ts'
import { makePath, sha256, type MadePath } from '../harness/made-path.ts'
import { runtime } from '../harness/runtime.ts'
import { fetchPath } from '../harness/served-path.ts'
import { attack, type Target } from './attack.ts'
import { Random } from './random.ts'
import { exchange } from './raw-http.ts'

const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_123)
const requests = Number(process.env['FUZZ_REQUESTS'] ?? 10_000)
const connections = 8
/** By then caches and heaps have grown to what they are going to be. */
const warmUp = Math.floor(requests / 2)
/** Takes the slack out of Node's heap and the C library's, where most growth is habit and not a leak. */
const thrift = { MALLOC_ARENA_MAX: '2', NODE_OPTIONS: '--max-semi-space-size=4 --max-old-space-size=128' }
/** Megabytes. What thousands of requests leaked would be more. */
const memoryMargin = 64

/** Not Implemented, HTTP Version Not Supported: said of noise by those that read it as HTTP. */
const blamingTheRequest = new Set([501, 505])

const cache = 'target'

describe(`${requests} random and mutated requests, seed ${seed}, ${runtime}`, () => {
  let server: CachixServer
  let target: Target
  let narInfos: readonly string[]

  before(async () => {
    server = await CachixServer.start({ environment: { ...thrift, CACHIX_SERVE_CALLS_PER_SECOND: '0' } })
    const api = new ApiClient(server)
    await api.createCache(cache)
    const paths = makePaths()
    for (const path of paths) await api.publish(cache, path)
    const bundles = await Promise.all(paths.map(makeBundle))
    target = { port: server.port, cache, token: server.ownerToken, paths, bundles }
    narInfos = await Promise.all(paths.map(readNarInfo))
  })
  after(() => server[Symbol.asyncDispose]())

  it('are answered without a failure of the server, in flat memory', async () => {
    let next = 0
    let early = 0
    const statuses = new Map<number, number>()
    async function attackOnAndOn(): Promise<void> {
      while (next < requests) {
        const index = next++
        if (index === warmUp) early = residentMegabytes(server.pid)
        const status = await attackOnce(index)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    await Promise.all(Array.from({ length: connections }, attackOnAndOn))
    const late = residentMegabytes(server.pid)
    console.log(
      `answers by status: ${JSON.stringify(Object.fromEntries(statuses))}; memory ${early} MB, then ${late} MB`,
    )
    assert.ok(late <= early + memoryMargin, `the server grew from ${early} MB to ${late} MB`)
    assert.ok(
      (statuses.get(400) ?? 0) > 0 && (statuses.get(200) ?? 0) > 0,
      'requests of both kinds got through',
    )
  })

  it('leave the server up and silent about bugs', async () => {
    const response = await fetch(`${server.url}/healthz`)
    assert.equal(response.status, 200)
    assert.doesNotMatch(server.output, /uncaught|unhandled|\n\s+at .*:\d+:\d+/i)
  })

  it('leave every published path as it was', async () => {
    for (const [index, path] of target.paths.entries()) {
      const served = await fetchPath(server.pathUrl(cache), path.storeHash)
      assert.equal(served?.narInfo, narInfos[index])
      assert.equal(sha256(served?.nar ?? Buffer.alloc(0)), sha256(path.nar))
    }
  })

  it('leave the cache able to take another path', async () => {
    const another = makePath('another', { type: 'regular', contents: Buffer.from('after all that') })
    await new ApiClient(server).publish(cache, another)
    assert.match(await readNarInfo(another), /^Sig: /m)
  })

  /** Gives the status. Each request depends on nothing but the seed and its index. */
  async function attackOnce(index: number): Promise<number> {
    const request = attack(target, new Random(seed + index))
    const answer = await exchange(server.port, request).catch((error: unknown) => {
      throw new Error(`${describeRequest(index, request.bytes)}: ${String(error)}`)
    })
    const explained = `${describeRequest(index, request.bytes)}\nwas answered\n${answer.text.slice(0, 2000)}`
    assert.ok(answer.status < 500 || blamingTheRequest.has(answer.status), explained)
    assert.ok(!request.wantsAnswer || answer.status > 0 || answer.hungUp, explained)
    assert.doesNotMatch(answer.text, /\n\s+at .*:\d+:\d+|node_modules|\.ts:\d+/, explained)
    return answer.status
  }

  async function readNarInfo({ storeHash }: MadePath): Promise<string> {
    const response = await fetch(`${server.pathUrl(cache)}/${storeHash}.narinfo`)
    assert.equal(response.status, 200)
    return response.text()
  }
})

function describeRequest(index: number, bytes: Buffer): string {
  return `request ${index} of seed ${seed}, ${JSON.stringify(bytes.toString('latin1', 0, 600))}`
}

/** Small trees of every shape, some of more than one frame; each but the first refers to the one before. */
function makePaths(): MadePath[] {
  const random = new Random(seed)
  const paths: MadePath[] = []
  for (let index = 0; index < 20; index++) {
    const before = paths.at(-1)
    const references = before === undefined ? [] : [`${before.storeHash}-${before.name}`]
    const contents = random.bytes(index === 19 ? 1_500_000 : random.below(20_000))
    paths.push(
      makePath(
        `path-${index}`,
        {
          type: 'directory',
          entries: [
            ['empty', { type: 'directory', entries: [] }],
            ['link', { type: 'symlink', target: `/nix/store/${references[0] ?? 'nowhere'}` }],
            ['file', { type: 'regular', contents, executable: index % 2 === 0 }],
          ],
        },
        references,
      ),
    )
  }
  return paths
}

function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024)
}
