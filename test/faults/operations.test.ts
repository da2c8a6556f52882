import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ApiClient } from '../harness/api-client.ts'
import { CachixServer } from '../harness/cachix-server.ts'
import { makeBundle } from '../harness/made-bundle.ts'
import { makePath, sha256 } from '../harness/made-path.ts'
import { runtime } from '../harness/runtime.ts'
import { fetchPath } from '../harness/served-path.ts'
import { mutate, mutateJson } from './mutate.ts'
import { readOperations, valueOf, type Operation } from './operations.ts'
import { Random } from './random.ts'
import { exchange, type RawAnswer } from './raw-http.ts'

const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_128)
const requestsToEach = Number(process.env['FUZZ_REQUESTS_EACH'] ?? 150)
const connections = 8
const cache = 'target'
const path = makePath('path', { type: 'regular', contents: Buffer.from('hello '.repeat(1000)) })

describe(`every operation of the API is attacked, seed ${seed}, ${runtime}`, () => {
  let server: CachixServer
  let operations: Operation[]
  let texts: string[]
  let bodies: Buffer[]
  /** Of what has been made: answers tell. The first of most things is what the test itself needs. */
  const ids = new Set(['2'])

  before(async () => {
    server = await CachixServer.start({
      environment: { CACHIX_SERVE_CALLS_PER_SECOND: '0', CACHIX_SERVE_STALL_SECONDS: '1' },
    })
    const api = new ApiClient(server)
    await api.createCache(cache)
    await api.publish(cache, path)
    operations = await readOperations(server)
    const narInfo = (await fetchPath(server.pathUrl(cache), path.storeHash))?.narInfo ?? ''
    const keyName = /^Sig: (.*?):/m.exec(narInfo)?.[1] ?? ''
    const { names, bundle, publication } = await makeBundle(path)
    bodies = [bundle, path.file, path.nar, Buffer.alloc(0)]
    texts = [path.storeHash, path.name, `${path.storeHash}-${path.name}`, cache, 'another', ...names, '']
      .concat(Object.values({ ...path.narInfo, ...publication }).filter((value) => typeof value === 'string'))
      .concat(sha256(path.file), Buffer.alloc(32, 7).toString('base64'), `k-1:${'A'.repeat(86)}==`, keyName)
  })
  after(() => server[Symbol.asyncDispose]())

  it('with bodies of the right shape, and nearly so: nothing fails, nothing inside shows', async () => {
    const reached = new Map(operations.map((operation) => [operation, new Set<number>()]))
    const work = operations.flatMap((operation) =>
      Array.from({ length: requestsToEach }, (_, index) => ({ operation, index })),
    )
    await attackAll(work.length, async (number) => {
      // All of them in turn, so that what one makes is there for the others.
      const { operation, index } = work[(number * 7919) % work.length]!
      const random = new Random(seed + number)
      const answer = await send(operation, { content: randomBody(operation, random) }, random)
      assertCivil(answer, `${operation.method} ${operation.path}, request ${index} of seed ${seed}`)
      reached.get(operation)?.add(answer.status)
      for (const [, id = ''] of answer.text.matchAll(/"\w*id": ?"?([\w.-]+)/gi)) if (id !== '1') ids.add(id)
    })
    for (const [{ method, path }, statuses] of reached) {
      const all = [...statuses].toSorted((one, other) => one - other)
      console.log(`${method} ${path}: ${all.join(' ')}`)
      assert.ok(!all.every((status) => status === 404 || status === 405 || status === 0), `${path} is there`)
    }
  })

  it('with a body without end: none takes it in', async () => {
    await attackAll(operations.length, async (number) => {
      const operation = operations[number]!
      const body = { content: Buffer.from('{'), length: Number.MAX_SAFE_INTEGER }
      const answer = await send(operation, body, new Random(seed))
      assertCivil(answer, `${operation.method} ${operation.path}`)
      if (operation.body !== undefined) assert.ok(answer.status >= 400, `${operation.path}: ${answer.status}`)
    })
  })

  it('with a body that stalls: none waits for ever', async () => {
    await attackAll(operations.length, async (number) => {
      const operation = operations[number]!
      const answer = await send(operation, { content: Buffer.from('{'), length: 1000 }, new Random(seed))
      assertCivil(answer, `${operation.method} ${operation.path}`)
      if (operation.body !== undefined) assert.ok(answer.status >= 400, `${operation.path}: ${answer.status}`)
    })
  })

  it('leaves the server up, silent about bugs and able to take another path', async () => {
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
    assert.doesNotMatch(server.output, /uncaught|unhandled|\n\s+at .*:\d+:\d+|"level":50/i)
    await new ApiClient(server).createCache('afterwards')
    await new ApiClient(server).publish('afterwards', path)
  })

  function randomBody({ body }: Operation, random: Random): Buffer {
    if (body === undefined) return random.chance(0.8) ? Buffer.alloc(0) : random.bytes(random.below(100))
    if (body.schema === undefined) {
      return random.chance(0.3) ? random.pick(bodies) : mutate(random.pick(bodies), random)
    }
    const value = valueOf(body.schema, texts, random)
    return Buffer.from(JSON.stringify(random.chance(0.5) ? value : mutateJson(value, random)) ?? '')
  }

  function send(
    { method, path, body }: Operation,
    { content, length = content.length }: { readonly content: Buffer; readonly length?: number },
    random: Random,
  ): Promise<RawAnswer> {
    const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameter(name, random))
    const uploadId = `?uploadId=${anyId(random)}`
    const query = random.pick(['', '', '?compression=zst', '?compression=xz', uploadId, '?x=%00&y', '?%'])
    const head = [
      `${method} ${target}${query} HTTP/1.1`,
      `Host: localhost:${server.port}`,
      `Authorization: Bearer ${random.chance(0.95) ? server.ownerToken : 'nobody'}`,
      `Content-Type: ${body?.type ?? 'application/json'}`,
      `Content-Length: ${length}`,
      'Connection: close',
    ]
    const bytes = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), content])
    return exchange(server.port, { bytes, wantsAnswer: true })
  }

  function anyId(random: Random): string {
    return random.pick([...ids].slice(-50))
  }

  function parameter(name: string, random: Random): string {
    if (random.chance(0.05))
      return random.pick(['%00', '..', '%2e%2e%2f', '%', 'x'.repeat(3000), '%0d%0a', '-1'])
    if (/id$/i.test(name)) return anyId(random)
    if (name === 'number') return String(random.below(4))
    if (name === 'name') return random.pick([cache, cache, cache, 'another', 'nowhere'])
    if (name === 'storeHash') return path.storeHash
    return encodeURIComponent(random.pick(texts)) || '0'
  }
})

function assertCivil({ status, text }: RawAnswer, request: string): void {
  const explained = `${request} was answered\n${text.slice(0, 2000)}`
  assert.ok(status < 500, explained)
  assert.doesNotMatch(text, /\n\s+at .*:\d+:\d+|node_modules|\.ts:\d+/, explained)
}

async function attackAll(count: number, attack: (number: number) => Promise<void>): Promise<void> {
  let next = 0
  async function attackOnAndOn(): Promise<void> {
    while (next < count) await attack(next++)
  }
  await Promise.all(Array.from({ length: connections }, attackOnAndOn))
}
