import assert from 'node:assert/strict'
import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

import { collectPacks } from '../../../src/services/upkeep/collect-packs.ts'
import { sampleNar, sha256, textFile } from '../sample-nar.ts'
import { dependencyOf, namesOf, program } from '../sample-push.ts'
import { ServiceStage } from '../service-stage.ts'
import { ChunkPusher } from './chunk-pusher.ts'
import { hasty, patient } from './pace.ts'
import { randomFile } from './random-file.ts'

describe('Collection', () => {
  let stage: ServiceStage
  let pusher: ChunkPusher
  before(async () => {
    stage = await ServiceStage.open()
    pusher = new ChunkPusher(stage, await stage.createManaged('mine'))
  })
  after(() => stage.close())

  const path = program('0')
  const dependency = dependencyOf(path)
  const nothing = { nars: 0, packs: 0, bytes: 0 }

  test('takes chunks that were sent and never published, after the grace period', async () => {
    await pusher.send(path, dependency)
    assert.deepEqual(await collectPacks(stage, patient), nothing)
    assert.deepEqual(await pusher.missing(path, dependency), [])
    const { packs, bytes } = await collectPacks(stage, hasty)
    assert.equal(packs, 1)
    assert.ok(bytes > 1_000_000)
    assert.deepEqual(await stage.files(), [])
    assert.deepEqual(await pusher.missing(path), namesOf(path))
  })

  test('leaves what paths need, which were pushed again as if nothing had been', async () => {
    assert.deepEqual(await pusher.push(dependency, path), [
      { outcome: 'published' },
      { outcome: 'published' },
    ])
    assert.deepEqual(await collectPacks(stage, hasty), nothing)
    await pusher.read(path)
    await pusher.read(dependency)
  })

  test('takes a file that belongs to nothing, and not while it is young', async () => {
    const bytes = Buffer.from('left by a server that was killed')
    const name = sha256(bytes)
    const file = join(stage.directory, 'packs', name.slice(0, 2), name)
    const files = await stage.files()
    await writeFile(file, bytes)
    assert.deepEqual(await collectPacks(stage, patient), nothing)
    const old = new Date(Date.now() - 2 * patient.graceMs)
    await utimes(file, old, old)
    assert.deepEqual(await collectPacks(stage, patient), nothing)
    assert.deepEqual(await collectPacks(stage, hasty), { nars: 0, packs: 1, bytes: bytes.length })
    assert.deepEqual(await stage.files(), files)
  })

  test('by several at once takes everything once', async () => {
    await pusher.send(randomFile('a', 100_000))
    await stage.send(pusher.cache, sampleNar(textFile('sent whole, never published')).file)
    const collected = await Promise.all(Array.from({ length: 4 }, () => collectPacks(stage, hasty)))
    assert.equal(
      collected.reduce((sum, { packs }) => sum + packs, 0),
      2,
    )
    await pusher.read(path)
  })

  test('ends when it is told to', async () => {
    await assert.rejects(
      collectPacks(stage, { ...hasty, signal: AbortSignal.abort(new Error('enough')) }),
      /enough/,
    )
  })
})
