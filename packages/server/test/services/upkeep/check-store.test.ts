import assert from 'node:assert/strict'
import { rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'

import { collectPacks } from '../../../src/services/upkeep/collect-packs.ts'
import { checkStore } from '../../../src/services/upkeep/check-store.ts'
import type { CheckPace, StoreReport } from '../../../src/services/upkeep/check-store.ts'
import { sha256 } from '../sample-nar.ts'
import { dependencyOf, program } from '../sample-push.ts'
import { ServiceStage } from '../service-stage.ts'
import { ChunkPusher } from './chunk-pusher.ts'
import { flipByte } from './flip-byte.ts'
import { hasty } from './pace.ts'
import { randomFile } from './random-file.ts'

describe('A check of the store', () => {
  let stage: ServiceStage
  let pusher: ChunkPusher
  before(async () => {
    stage = await ServiceStage.open()
    pusher = new ChunkPusher(stage, await stage.createManaged('mine'))
  })
  after(() => stage.close())

  const path = program('0')
  const rebuilt = program('2')
  const beside = randomFile('a', 100_000)
  const everything = [dependencyOf(path), path, dependencyOf(rebuilt), rebuilt, beside]
  const storePathOf = ({ hash, name }: typeof path) => `/nix/store/${hash}-${name}`
  const check = (change: Partial<CheckPace> = {}) => checkStore(stage, { ...hasty, ...change })
  const change = (sql: string) => {
    const database = new DatabaseSync(join(stage.directory, 'cachix.sqlite'))
    database.exec(sql)
    database.close()
  }

  test('finds all well', async () => {
    await pusher.push(...everything)
    for (const thorough of [false, true]) {
      const { packBytes, ...report } = await check({ thorough })
      assert.ok(packBytes > 1_000_000)
      assert.deepEqual(report, {
        packs: 1,
        nars: 5,
        damagedPacks: [],
        recoveredPacks: [],
        wrongChunks: [],
        wrongNars: [],
        strays: 0,
        strayBytes: 0,
        damagedPaths: [],
        isSound: true,
      })
    }
  })

  test('finds a flipped byte; nothing of it is served; pushing again mends it', async () => {
    const pack = await flipByte(stage, path)
    const report = await check()
    assert.deepEqual([report.isSound, report.damagedPacks], [false, [pack]])
    assert.deepEqual(pathsIn(report), everything.map(storePathOf).toSorted())
    for (const path of everything) assert.equal(await pusher.isVisible(path), false)
    assert.notDeepEqual(await pusher.missing(path), [])

    await pusher.push(...everything)
    for (const path of everything) await pusher.read(path)
    assert.equal((await check({ thorough: true })).isSound, true)
  })

  test('that repairs saves what is right of a damaged pack', async () => {
    const before = await pusher.read(beside)
    await flipByte(stage, path)
    const report = await check({ repair: true })
    assert.deepEqual(pathsIn(report), [path, rebuilt].map(storePathOf))
    assert.deepEqual(await pusher.read(beside), before)
    assert.equal((await pusher.missing(...everything)).length, 2)
    assert.equal((await check({ repair: true })).isSound, false)

    await pusher.push(path, rebuilt)
    for (const path of everything) await pusher.read(path)
    await collectPacks(stage, hasty)
    assert.equal((await check({ thorough: true })).isSound, true)
  })

  test('finds a pack that is gone, and that it is back', async () => {
    const [name] = await stage.files()
    const file = (await stage.packs.open(name!))!.path!
    await rename(file, join(stage.directory, 'elsewhere'))
    const report = await check({ repair: true })
    assert.deepEqual(report.damagedPacks, [name])
    assert.notDeepEqual(pathsIn(report), [])
    await rename(join(stage.directory, 'elsewhere'), file)
    const again = await check()
    assert.deepEqual([again.isSound, again.recoveredPacks], [true, [name]])
    for (const path of everything) await pusher.read(path)
  })

  test('finds a chunk that is recorded wrongly, and has it sent again', async () => {
    change(`update chunks set frame_offset = frame_offset + 1 where id = (select max(id) from chunks)`)
    const report = await check()
    assert.equal(report.wrongChunks.length, 1)
    assert.equal(report.isSound, false)
    assert.equal((await check()).isSound, true)
    assert.equal((await pusher.missing(...everything)).length > 0, true)
    for (const path of everything) await pusher.read(path)
    await pusher.send(...everything)
    assert.deepEqual(await pusher.missing(...everything), [])
  })

  test('finds a recipe that is not right, and its path is mended by pushing it again', async () => {
    change(
      `update nars set file_size = file_size + 1 where id = (select nar_id from paths where store_hash = '${beside.hash}')`,
    )
    const report = await check()
    assert.equal(report.wrongNars.length, 1)
    assert.deepEqual(pathsIn(report), [storePathOf(beside)])
    await pusher.push(beside)
    await pusher.read(beside)
    assert.equal((await check({ thorough: true })).isSound, true)
  })

  test('that is thorough finds a recipe that makes another file', async () => {
    change(`update nars set recipe = (select recipe from nars where id = ${narOf(path.hash)}),
      file_size = (select file_size from nars where id = ${narOf(path.hash)})
      where id = ${narOf(rebuilt.hash)}`)
    assert.deepEqual((await check()).wrongNars, [])
    const report = await check({ thorough: true })
    assert.equal(report.wrongNars.length, 1)
    assert.ok(pathsIn(report).includes(storePathOf(rebuilt)))
  })

  test('finds files that belong to nothing, and gives them to collection when it repairs', async () => {
    const bytes = Buffer.from('left behind')
    const name = sha256(bytes)
    const file = join(stage.directory, 'packs', name.slice(0, 2), name)
    await writeFile(file, bytes)
    await utimes(file, 1, 1)
    for (const repair of [false, true]) {
      const { strays, strayBytes } = await check({ repair })
      assert.deepEqual([strays, strayBytes], [1, bytes.length])
    }
    assert.equal((await check()).strays, 0)
    await collectPacks(stage, hasty)
    assert.equal(await stage.packs.open(name), undefined)
  })
})

/** In SQL. */
function narOf(storeHash: string): string {
  return `(select nar_id from paths where store_hash = '${storeHash}')`
}

function pathsIn(report: StoreReport): string[] {
  return report.damagedPaths.map((path) => path.storePath)
}
