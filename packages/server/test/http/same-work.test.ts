import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { pino } from 'pino'
import type { CacheDatabase } from '../../src/database/cache-database.ts'
import { createApp } from '../../src/http/app.ts'
import { RecentReads } from '../../src/http/recent-reads.ts'
import { clientAddresses } from '../../src/http/client-address.ts'
import { RequestsInFlight } from '../../src/http/requests-in-flight.ts'
import { serviceAddress } from '../../src/http/service-address.ts'
import { currentRuntime } from '../../src/runtime/current-runtime.ts'
import type { Handler } from '../../src/runtime/runtime.ts'
import { IssuerKeys } from '../../src/services/oidc/issuer-keys.ts'
import { Completions } from '../../src/services/multipart/completions.ts'
import { MadeNars } from '../../src/services/made-nars.ts'
import { hashToken } from '../../src/services/token-text.ts'
import { ServiceStage } from '../services/service-stage.ts'
import { everyQuestion } from './every-answer.ts'
import { helloNar, samplePath } from './http-stage.ts'
import type { Question } from './http-stage.ts'

const [secret, absent] = ['secret', 'absent']
let stage: ServiceStage
let app: Handler
let asked: string[] = []
before(async () => {
  stage = await ServiceStage.open()
  const cache = await stage.createManaged(secret, false)
  await stage.push(cache, samplePath, helloNar)
  await stage.database.accounts.create('stranger', { hash: hashToken('stranger'), description: '' })
  const {
    packs,
    proofs,
    parts,
    assembled,
    workers,
    readWorkers,
    seal,
    tokenUses,
    upstreamAnswers,
    hostname,
    maxUploadSize,
    maxBundleSize,
  } = stage
  app = createApp({
    packs,
    proofs,
    parts,
    completions: new Completions(),
    assembled,
    workers,
    readWorkers,
    seal,
    tokenUses,
    upstreamAnswers,
    issuerKeys: new IssuerKeys({ named: [], others: true, cooldownMs: 0 }),
    hostname,
    maxUploadSize,
    maxBundleSize,
    database: listening(stage.database),
    runtime: await currentRuntime(),
    logger: pino({ level: 'silent' }),
    madeNars: new MadeNars(),
    recent: new RecentReads(),
    address: serviceAddress('http://localhost:8080'),
    admit: () => undefined,
    inFlight: new RequestsInFlight({ addresses: clientAddresses([]), most: 0 }),
  })
})
after(() => stage.close())

for (const [who, token] of [
  ['nobody', ''],
  ['an unknown token', 'nonsense'],
  ["another account's token", 'stranger'],
]) {
  test(`${who}: a private cache costs the same questions to the database as none`, async () => {
    const ofNothing = everyQuestion(absent, 'x.nar.zst')
    for (const [index, question] of everyQuestion(secret, 'x.nar.zst').entries()) {
      const there = await work(question, token!)
      const nowhere = await work(ofNothing[index]!, token!)
      const name = `${question.method ?? 'GET'} ${question.host ?? ''}${question.path}`
      assert.deepEqual(
        there.map((call) => call.replaceAll(secret, 'NAME')),
        nowhere.map((call) => call.replaceAll(absent, 'NAME')),
        name,
      )
    }
  })
}

test('what is counted is what is asked', async () => {
  await stage.createManaged('public')
  assert.deepEqual(await work({ path: '/public/nix-cache-info' }, ''), [
    'caches.find ["public"]',
    'caches.find ["public"]',
  ])
})

/** What a request asks of the database. */
async function work(
  { method = 'GET', path, host, headers, body }: Question,
  token: string,
): Promise<string[]> {
  asked = []
  const request = new Request(`http://${host ?? 'localhost:8080'}${path}`, {
    method,
    headers: { ...headers, ...(token !== '' && { authorization: `Bearer ${token}` }) },
  })
  const exchange = { peer: () => '203.0.113.1', body: () => Readable.from([Buffer.from(body ?? '')]) }
  const response = await app(request, exchange)
  await response.bytes()
  return asked
}

/** The database, with every method that is called written down. */
function listening(database: CacheDatabase): CacheDatabase {
  return new Proxy(database, {
    get(target, table: keyof CacheDatabase) {
      const methods = target[table]
      return typeof methods === 'object' ? listeningTable(table, methods) : methods
    },
  })
}

function listeningTable(table: string, methods: object): unknown {
  return new Proxy(methods, {
    get(target, name: string) {
      const method = Reflect.get(target, name) as (...values: unknown[]) => unknown
      return (...values: unknown[]) => {
        if (name !== 'noteUse') asked.push(`${table}.${name} ${JSON.stringify(values)}`)
        return method.apply(target, values)
      }
    },
  })
}
