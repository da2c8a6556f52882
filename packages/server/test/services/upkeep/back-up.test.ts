import assert from 'node:assert/strict'
import { access, copyFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

import { openSqliteDatabase } from '../../../src/database/sqlite/open-sqlite-database.ts'
import { backUp } from '../../../src/services/upkeep/back-up.ts'
import { checkStore } from '../../../src/services/upkeep/check-store.ts'
import { collectPacks } from '../../../src/services/upkeep/collect-packs.ts'
import { measureUsage } from '../../../src/services/upkeep/measure-usage.ts'
import { openDiskPackStore } from '../../../src/storage/disk-pack-store.ts'
import { dependencyOf, program } from '../sample-push.ts'
import { ServiceStage } from '../service-stage.ts'
import { ChunkPusher } from './chunk-pusher.ts'
import { hasty } from './pace.ts'
import { randomFile } from './random-file.ts'

const { signal } = new AbortController()

describe('A backup', () => {
  let stage: ServiceStage
  let pusher: ChunkPusher
  let directory: string
  before(async () => {
    stage = await ServiceStage.open()
    pusher = new ChunkPusher(stage, await stage.createManaged('mine'))
    directory = await mkdtemp(join(tmpdir(), 'backup-'))
  })
  after(async () => {
    await stage.close()
    await rm(directory, { recursive: true })
  })

  const path = program('0')
  const closure = [dependencyOf(path), path]

  async function back(given?: string) {
    const target = await openDiskPackStore(directory)
    return backUp(
      {
        database: stage.database,
        packs: stage.packs,
        target,
        serviceKey: { path: given ?? join(stage.directory, 'service.key'), isGiven: given !== undefined },
      },
      { directory, signal },
    )
  }

  async function checkBackup() {
    const database = await openSqliteDatabase(join(directory, 'cachix.sqlite'))
    const packs = await openDiskPackStore(directory)
    const report = await checkStore({ database, packs, workers: stage.workers }, { ...hasty, thorough: true })
    await database.close()
    return report
  }

  test('made while paths are pushed is sound, and has what was there when it began', async () => {
    await pusher.push(...closure)
    const [made] = await Promise.all([
      back(),
      pusher.push(randomFile('a', 200_000)),
      pusher.push(randomFile('b', 200_000)),
    ])
    assert.equal(made.database, 'cachix.sqlite')
    const report = await checkBackup()
    assert.equal(report.isSound, true)
    assert.ok(report.nars >= 2)
    assert.equal((await stat(join(directory, 'service.key'))).mode & 0o777, 0o600)
  })

  test('made again copies what is new, and drops what was collected', async () => {
    await pusher.send(randomFile('c', 100_000))
    await back()
    await collectPacks(stage, hasty)
    await pusher.push(randomFile('d', 100_000))
    const { packs, newPacks } = await back()
    assert.deepEqual([packs, newPacks], [4, 1])
    assert.equal((await checkBackup()).nars, 5)
    assert.equal((await back()).newPacks, 0)
  })

  test('leaves out a service key that the operator keeps, also one that an earlier backup had', async () => {
    const copy = join(directory, 'service.key')
    const given = join(stage.directory, 'given.key')
    assert.equal((await back()).hasServiceKey, true)
    await back(copy)
    await access(copy)
    assert.equal((await back(given)).hasServiceKey, false)
    await assert.rejects(access(copy), { code: 'ENOENT' })
  })

  test('says so where the service key is missing', async () => {
    const key = join(stage.directory, 'service.key')
    await copyFile(key, `${key}.kept`)
    await rm(key)
    await assert.rejects(back(), { code: 'not-found', message: /--service-key-file/ })
    await copyFile(`${key}.kept`, key)
  })

  test('of a rebuilt closure costs nothing more than the figures say', async () => {
    const before = await measureUsage(stage)
    await pusher.push(dependencyOf(program('2')), program('2'))
    const { caches, paths, logical, compressed, stored, dedupRatio } = await measureUsage(stage)
    assert.equal(paths, before.paths + 2)
    assert.ok(logical - before.logical > 1_200_000)
    assert.ok(compressed - before.compressed > 1_200_000)
    assert.ok(stored - before.stored < 100_000)
    assert.ok(dedupRatio! > before.dedupRatio!)
    assert.deepEqual(
      caches.map(({ name, paths }) => [name, paths]),
      [['mine', paths]],
    )
  })
})
