import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'

import type { CacheDatabase } from '../../../src/database/cache-database.ts'
import { openPostgresDatabase } from '../../../src/database/postgres/open-postgres-database.ts'
import { checkStore } from '../../../src/services/upkeep/check-store.ts'
import { collectPacks } from '../../../src/services/upkeep/collect-packs.ts'
import { compactPacks } from '../../../src/services/upkeep/compact-packs.ts'
import { joinDiskPackStore } from '../../../src/storage/disk-pack-store.ts'
import {
  findPostgresPrograms,
  noPostgresServer,
  startPostgresServer,
} from '../../database/postgres-server.ts'
import type { PostgresServer } from '../../database/postgres-server.ts'
import { dependencyOf, program } from '../sample-push.ts'
import type { CutPath } from '../sample-push.ts'
import { openSqliteIn, ServiceStage } from '../service-stage.ts'
import { ChunkPusher } from './chunk-pusher.ts'
import { hasty } from './pace.ts'
import { randomFile } from './random-file.ts'

/** Longer than a push takes here, short enough that much goes while others still come. */
const graceMs = 1500
/** Between two rounds of upkeep, so that the pushes beside it are not slower than its grace period. */
const breathMs = 50
const patienceMs = 120_000
const builds = ['0', '2', '4', '6', '8']

/** What upkeep did while pushes went on; from here on it does no more. */
interface UpkeepBeside {
  readonly collected: number
  readonly compacted: number
  stop(): Promise<void>
}

type OpenDatabase = (directory: string) => Promise<CacheDatabase>

/** Over connections of its own, as another process. */
async function upkeepBeside(stage: ServiceStage, openDatabase: OpenDatabase): Promise<UpkeepBeside> {
  const database = await openDatabase(stage.directory)
  const packs = await joinDiskPackStore(stage.directory)
  const deps = { database, packs, workers: stage.workers }
  const pace = { ...hasty, graceMs, rest: () => nextTurn() }
  const done = { collected: 0, compacted: 0 }
  const stopping = new AbortController()
  async function loop(kind: keyof typeof done, work: () => Promise<{ packs: number }>): Promise<void> {
    for (; !stopping.signal.aborted; await pause(breathMs)) {
      const { packs } = await work()
      done[kind] += packs
    }
  }
  const loops = Promise.all([
    loop('collected', () => collectPacks(deps, pace)),
    loop('collected', () => collectPacks(stage, pace)),
    loop('compacted', () => compactPacks(deps, pace)),
  ])
  loops.catch(() => {})
  return {
    get collected() {
      return done.collected
    },
    get compacted() {
      return done.compacted
    },
    async stop() {
      stopping.abort()
      await loops
      await database.close()
    },
  }
}

const programs = await findPostgresPrograms()

describe('Collection and compaction in a loop beside pushes and downloads take nothing that is needed', () => {
  let postgres: PostgresServer | undefined
  after(() => postgres?.stop())

  test('on SQLite', () => pushBesideUpkeep(openSqliteIn))

  test('on PostgreSQL', { skip: programs ? false : noPostgresServer }, async () => {
    assert.ok(programs)
    postgres = await startPostgresServer(programs)
    const url = await postgres.createDatabase()
    await pushBesideUpkeep(() => openPostgresDatabase(url))
  })
})

async function pushBesideUpkeep(openDatabase: OpenDatabase): Promise<void> {
  const stage = await ServiceStage.open(openDatabase)
  const pusher = new ChunkPusher(stage, await stage.createManaged('mine'))
  const upkeep = await upkeepBeside(stage, openDatabase)
  const published = new Map<string, CutPath>()
  const sent: CutPath[] = []

  async function publish(...paths: CutPath[]): Promise<void> {
    for (const outcome of await pusher.publish(...paths)) {
      assert.ok(outcome.outcome !== 'failed', `${outcome.code}: ${outcome.message}`)
    }
    for (const path of paths) published.set(path.hash, path)
  }

  /** What nobody publishes makes packs sparse, and goes; or is published in the end, just when it was about to go. */
  async function pushRound(round: number): Promise<void> {
    const unpublished = randomFile(`unpublished-${round}`, 400_000)
    const path = program(builds[round % builds.length]!)
    const needed = [dependencyOf(path), path, randomFile(`needed-${round}`, 100_000)]
    await pusher.send(unpublished, ...needed)
    await publish(...needed.filter(({ hash }) => !published.has(hash)))
    sent.push(unpublished)
    const forgotten = round % 2 === 0 ? sent[round - 8] : undefined
    if (forgotten) {
      await pusher.send(forgotten)
      await publish(forgotten)
    }
    const reread = [...published.values()][(round * 7) % published.size]!
    await pusher.read(reread)
  }

  try {
    const deadline = Date.now() + patienceMs
    for (let round = 0; upkeep.collected < 8 || upkeep.compacted < 3 || round < 20; round++) {
      assert.ok(Date.now() < deadline, `${upkeep.collected} collected, ${upkeep.compacted} compacted`)
      await pushRound(round)
    }
    await upkeep.stop()
    for (const path of published.values()) await pusher.read(path)
    const report = await checkStore(stage, { ...hasty, thorough: true })
    assert.equal(report.isSound, true, JSON.stringify(report))
  } finally {
    await upkeep.stop()
    await stage.close()
  }
}
