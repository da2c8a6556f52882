import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, test } from 'node:test'

import { decodeChunkRecipe, encodeChunkRecipe } from '@cachix/protocol'

import type { Cache } from '../../src/database/cache-database.ts'
import { publishPaths } from '../../src/services/publish-paths.ts'
import { receiveBundle } from '../../src/services/receive-bundle.ts'
import type { NarWorkers } from '../../src/services/workers/nar-workers.ts'
import { decompressed } from './nar-bytes.ts'
import { bundle, dependencyOf, pathCreateOf, program, sendFrame } from './sample-push.ts'
import type { CutPath } from './sample-push.ts'
import { sha256 } from './sample-nar.ts'
import { ServiceStage } from './service-stage.ts'

const { signal } = new AbortController()

describe('A bundle that tells what NARs its frames make', () => {
  let stage: ServiceStage
  let cache: Cache
  let jobs: string[]
  let watched: NarWorkers
  beforeEach(async () => {
    stage = await ServiceStage.open()
    cache = await stage.createManaged('mine', false)
    jobs = []
    watched = {
      run: (name, task, signal) => {
        jobs.push(name)
        return stage.workers.run(name, task, signal)
      },
      prepare: (name) => stage.workers.prepare(name),
      close: () => stage.workers.close(),
    }
  })
  afterEach(() => stage.close())

  async function send(paths: readonly CutPath[], recipes = paths.map(recipeOf)) {
    const frames = await Promise.all(paths.flatMap(({ chunks }) => chunks.map(sendFrame)))
    return await receiveBundle(stage, { cache, body: Readable.from([bundle(frames, recipes)]), signal })
  }

  async function publish(paths: readonly CutPath[]) {
    const reader = { cacheId: cache.id }
    const { database, packs, seal, madeNars, hostname } = stage
    const deps = { database, packs, seal, madeNars, hostname, workers: watched }
    return await publishPaths(deps, { cache, reader, paths: paths.map(pathCreateOf), signal })
  }

  const published = { outcome: 'published' }

  /** Whether the file that is served has the hash it is served under, and the NAR in it. */
  async function assertServed(path: CutPath): Promise<void> {
    const { fileHash, file } = await stage.served(cache, path)
    assert.equal(sha256(file), fileHash)
    assert.deepEqual(decompressed(file), Buffer.from(path.nar))
  }

  test('leaves nothing to decode when they are published', async () => {
    const path = program('0')
    const dependency = dependencyOf(path)
    await send([dependency, path])
    assert.deepEqual(await publish([dependency, path]), [published, published])
    assert.deepEqual(jobs, [])
    await assertServed(path)
    await assertServed(dependency)
  })

  test('and is one NAR gives a served file that is the pack', async () => {
    const dependency = dependencyOf(program('0'))
    await send([dependency])
    assert.deepEqual(await publish([dependency]), [published])
    assert.deepEqual(jobs, [])
    await assertServed(dependency)
    assert.deepEqual(await stage.files(), [(await stage.served(cache, dependency)).fileHash])
  })

  test('tells it of builds with other hashes in vain', async () => {
    const path = program('0')
    const dependency = dependencyOf(path)
    await send([path], [recipeOf(program('4'))])
    await send([dependency])
    assert.deepEqual(await publish([dependency, path]), [published, published])
    assert.deepEqual(jobs, ['assembleNar'])
    await assertServed(path)
  })

  test('tells in vain of what is no NAR', async () => {
    const path = program('0')
    await send([path], [encodeChunkRecipe(decodeChunkRecipe(recipeOf(path)).slice(0, 1))])
    await send([dependencyOf(path)])
    assert.deepEqual(await publish([dependencyOf(path), path]), [published, published])
    assert.deepEqual(jobs, ['assembleNar'])
  })

  test('does not make them visible to who may not use their chunks', async () => {
    const dependency = dependencyOf(program('0'))
    await send([dependency])
    cache = await stage.createManaged('other', false)
    const [outcome] = await publish([dependency])
    assert.equal(outcome?.code, 'missing-chunks')
  })

  test('is refused if they are made of other chunks, of some twice or out of order', async () => {
    const path = program('0')
    const chunks = decodeChunkRecipe(recipeOf(path))
    const before = await stage.files()
    for (const recipes of [
      [recipeOf(dependencyOf(path))],
      [recipeOf(path), recipeOf(path)],
      [encodeChunkRecipe(chunks.toReversed())],
      [Buffer.from('no recipe')],
    ]) {
      await assert.rejects(send([path], recipes), { code: 'bad-request' })
    }
    assert.deepEqual(await stage.files(), before)
  })
})

function recipeOf(path: CutPath): Uint8Array {
  return Buffer.from(pathCreateOf(path).recipe, 'base64')
}
