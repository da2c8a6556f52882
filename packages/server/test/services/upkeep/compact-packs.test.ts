import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { collectPacks } from '../../../src/services/upkeep/collect-packs.ts'
import { compactPacks } from '../../../src/services/upkeep/compact-packs.ts'
import { readNar } from '../../../src/services/read-nar.ts'
import { bytesOf } from '../nar-bytes.ts'
import { dependencyOf, program } from '../sample-push.ts'
import { ServiceStage } from '../service-stage.ts'
import { ChunkPusher } from './chunk-pusher.ts'
import { flipByte } from './flip-byte.ts'
import { hasty, patient } from './pace.ts'
import { randomFile } from './random-file.ts'

describe('Compaction', () => {
  let stage: ServiceStage
  let pusher: ChunkPusher
  before(async () => {
    stage = await ServiceStage.open()
    pusher = new ChunkPusher(stage, await stage.createManaged('mine'))
  })
  after(() => stage.close())

  const path = program('0')
  const rebuilt = program('2')
  const needed = [dependencyOf(path), path, dependencyOf(rebuilt), rebuilt]
  const unpublished = randomFile('a', 6_500_000)
  const none = { packs: 0, bytes: 0, usedBytes: 0 }

  test('leaves a pack alone that is young, or mostly used', async () => {
    await pusher.send(unpublished, ...needed)
    await pusher.publish(...needed)
    assert.deepEqual(await compactPacks(stage, patient), none)
    assert.deepEqual(await compactPacks(stage, { ...hasty, leastUse: 0.1 }), none)
  })

  test('copies what is used of a mostly dead pack, and not a byte that is served changes', async () => {
    const before = await Promise.all(needed.map((path) => pusher.read(path)))
    const [file] = await stage.files()
    const { packs, bytes, usedBytes } = await compactPacks(stage, hasty)
    assert.equal(packs, 1)
    assert.ok(bytes > 9_000_000 && usedBytes < 3_500_000)
    assert.equal((await stage.files()).length, 2)

    await collectPacks(stage, hasty)
    const left = await stage.files()
    assert.equal(left.length, 1)
    assert.notDeepEqual(left, [file])
    assert.deepEqual(await Promise.all(needed.map((path) => pusher.read(path))), before)
    assert.deepEqual(await pusher.missing(...needed), [])
    assert.equal((await pusher.missing(unpublished)).length, unpublished.chunks.length)
  })

  test('of many packs makes one', async () => {
    const paths = Array.from('bcdf', (character) => randomFile(character, 100_000))
    for (const [i, path] of paths.entries()) {
      await pusher.send(path, randomFile('g', 200_000 + i))
      await pusher.publish(path)
    }
    const { packs } = await compactPacks(stage, hasty)
    assert.equal(packs, paths.length)
    await collectPacks(stage, hasty)
    assert.equal((await stage.files()).length, 2)
    for (const path of paths) await pusher.read(path)
    assert.deepEqual(await compactPacks(stage, hasty), none)
  })

  test('leaves to a push what it was told is there', async () => {
    const published = randomFile('h', 100_000)
    const told = randomFile('i', 300_000)
    await pusher.send(published, told)
    await pusher.publish(published)
    assert.deepEqual(await pusher.missing(told), [])
    assert.equal((await compactPacks(stage, hasty)).packs, 1)
    await collectPacks(stage, patient)
    assert.deepEqual(await pusher.publish(told), [{ outcome: 'published' }])
    await collectPacks(stage, hasty)
    await pusher.read(told)
    await pusher.read(published)
  })

  test('does not cut off a download', async () => {
    const path = randomFile('j', 2_000_000)
    await pusher.send(path, randomFile('k', 4_000_000))
    await pusher.publish(path)
    const { fileHash, file } = await pusher.read(path)
    const nar = (await readNar(stage, { cacheName: 'mine', fileHash }))!
    const found = await nar.read(0, nar.fileSize)
    assert.equal((await compactPacks(stage, hasty)).packs, 1)
    await collectPacks(stage, patient)
    assert.ok((await bytesOf(found)).equals(file))
  })

  test('gives no damaged pack a new name: it is not served any more', async () => {
    const [damaged, sound] = [randomFile('l', 100_000), randomFile('m', 100_000)]
    for (const path of [damaged, sound]) {
      await pusher.send(path, randomFile('n', 300_000))
      await pusher.publish(path)
    }
    await flipByte(stage, damaged)
    assert.equal((await compactPacks(stage, hasty)).packs, 1)
    assert.equal(await pusher.isVisible(damaged), false)
    await pusher.read(sound)
    assert.deepEqual(await pusher.push(damaged), [{ outcome: 'published' }])
    await pusher.read(damaged)
  })
})
