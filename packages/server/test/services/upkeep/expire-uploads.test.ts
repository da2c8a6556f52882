import assert from 'node:assert/strict'
import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

import type { Cache } from '../../../src/database/cache-database.ts'
import { expireUploads } from '../../../src/services/upkeep/expire-uploads.ts'
import { sampleNar, textFile } from '../sample-nar.ts'
import { ServiceStage } from '../service-stage.ts'
import { hasty } from './pace.ts'

const hourMs = 3_600_000

describe('What clients began and did not finish', () => {
  let stage: ServiceStage
  let cache: Cache
  before(async () => {
    stage = await ServiceStage.open()
    cache = await stage.createManaged('mine')
  })
  after(() => stage.close())

  const expire = (graceMs: number) =>
    expireUploads({ database: stage.database, parts: stage.parts }, { ...hasty, graceMs })

  test('goes when no part of it came for the grace period', async () => {
    for (const id of ['old', 'young']) {
      await stage.parts.begin(id)
      const spool = await stage.packs.createSpool()
      await writeFile(spool.path, 'part')
      await stage.parts.put({ id, number: 1, md5: '0'.repeat(32) }, spool)
    }
    const twoHoursAgo = new Date(Date.now() - 2 * hourMs)
    await utimes(join(stage.directory, 'parts', 'old'), twoHoursAgo, twoHoursAgo)
    assert.deepEqual(await expire(hourMs), { uploads: 1, waiting: 0 })
    assert.deepEqual(await stage.parts.ids(), ['young'])
    assert.equal((await stage.parts.find('young'))?.length, 1)
  })

  test('goes when what it refers to did not come, and is reported missing all the while', async () => {
    const path = { hash: '0'.repeat(32), name: 'top', references: [`${'1'.repeat(32)}-leaf`] }
    await stage.push(cache, path, sampleNar(textFile('top')))
    assert.deepEqual(await stage.database.paths.missing(cache.id, [path.hash]), [path.hash])
    assert.deepEqual((await expire(hourMs)).waiting, 0)
    assert.notEqual(await stage.database.paths.findWaiting(cache.id, path.hash), undefined)
    assert.deepEqual((await expire(-1000)).waiting, 1)
    assert.equal(await stage.database.paths.findWaiting(cache.id, path.hash), undefined)
  })
})
