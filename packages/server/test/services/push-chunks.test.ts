import assert from 'node:assert/strict'
import { open, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'

import { decodeRecipe } from '@cachix/protocol'

import type { Cache, ChunkReader } from '../../src/database/cache-database.ts'
import { findMissingChunks } from '../../src/services/find-missing-chunks.ts'
import { publishPath } from '../../src/services/publish-path.ts'
import { publishPaths } from '../../src/services/publish-paths.ts'
import { readListing } from '../../src/services/read-listing.ts'
import { readNar } from '../../src/services/read-nar.ts'
import { receiveBundle } from '../../src/services/receive-bundle.ts'
import { bytesOf, decompressed } from './nar-bytes.ts'
import { claimsOf, sha256, textFile } from './sample-nar.ts'
import { bundleOf, cutPath, dependencyOf, namesOf, pathCreateOf, program } from './sample-push.ts'
import type { CutPath } from './sample-push.ts'
import { ServiceStage } from './service-stage.ts'

const { signal } = new AbortController()

describe('Pushing chunks', () => {
  let stage: ServiceStage
  let cache: Cache
  before(async () => {
    stage = await ServiceStage.open()
    cache = await stage.createManaged('mine', false)
  })
  after(() => stage.close())

  const missing = (names: readonly string[], of = cache) =>
    findMissingChunks(stage, { reader: readerOf(of), names })
  const sendBundle = (bytes: Uint8Array, to = cache) =>
    receiveBundle(stage, { cache: to, body: Readable.from([bytes]), signal })
  const publish = (paths: readonly CutPath[], to = cache) =>
    publishPaths(stage, { cache: to, reader: readerOf(to), paths: paths.map(pathCreateOf), signal })

  async function served(path: CutPath, of = cache): Promise<Buffer> {
    const { fileHash, file } = await stage.served(of, path)
    assert.equal(sha256(file), fileHash)
    return decompressed(file)
  }

  /** The recipe of what is served for the path. */
  async function recipeOf(path: CutPath) {
    const { fileHash } = (await stage.database.paths.find(cache.id, path.hash))!
    return decodeRecipe((await stage.database.nars.findPublished('mine', fileHash))!.recipe)
  }

  test('first: all chunks are missing, sent once, and make the NAR as one range of a file', async () => {
    const path = program('0')
    const dependency = dependencyOf(path)
    const names = namesOf(path, dependency)
    assert.deepEqual(await missing(names), names)
    assert.deepEqual(await sendBundle(await bundleOf(path, dependency)), { stored: names.length, known: 0 })
    assert.deepEqual(await missing(names), [])
    assert.deepEqual(await publish([dependency, path]), [{ outcome: 'published' }, { outcome: 'published' }])

    assert.ok((await served(path)).equals(path.nar))
    const { runs, patches } = await recipeOf(path)
    assert.deepEqual([runs.length, patches.length], [1, 0])
  })

  test('after a rebuild: nothing of what refers is missing, and only hashes are laid over it', async () => {
    const rebuilt = program('2')
    const dependency = dependencyOf(rebuilt)
    const files = await stage.files()
    assert.deepEqual(await missing(namesOf(rebuilt, dependency)), [])
    assert.deepEqual(await publish([dependency, rebuilt]), [
      { outcome: 'published' },
      { outcome: 'published' },
    ])
    assert.deepEqual(await stage.files(), files)

    assert.ok((await served(rebuilt)).equals(rebuilt.nar))
    const { runs, patches } = await recipeOf(rebuilt)
    assert.equal(runs.length, 1)
    assert.ok(patches.length > 0 && patches.length < 30, `${patches.length} patches`)
    assert.ok((await served(program('0'))).equals(program('0').nar))
  })

  test('a part of a NAR with hashes laid over is that part', async () => {
    const { file, fileHash } = await stage.served(cache, program('2'))
    const nar = (await readNar(stage, { cacheName: 'mine', fileHash }))!
    const { patches } = await recipeOf(program('2'))
    for (const { offset } of patches) {
      const part = await nar.read(offset + 5, offset + 40)
      assert.deepEqual(await bytesOf(part), file.subarray(offset + 5, offset + 40))
    }
  })

  test('rebuilt paths share one listing, in which their own hashes are', async () => {
    for (const path of [program('0'), program('2')]) {
      const listing = await readListing(stage, { cacheId: cache.id, storeHash: path.hash })
      const [dependency] = path.references
      const { root } = JSON.parse(Buffer.from(listing!).toString()) as { root: Tree }
      const target = root.entries!['share']!.entries!['link-7']!.target
      assert.equal(target, `/nix/store/${dependency}/share/7`)
    }
    const contents = JSON.stringify(await stage.contents())
    assert.equal(contents.split('"template"').length - 1, 2)
  })

  test('a rebuilt path costs the database little', async () => {
    await sendBundle(await bundleOf(dependencyOf(program('6'))))
    await publish([dependencyOf(program('6'))])
    const before = await sizeOf(stage)
    await publish([program('6')])
    const added = (await sizeOf(stage)) - before
    assert.ok(added < 2_000, `${added} bytes`)
  })

  test('again is a success that changes nothing', async () => {
    const path = program('0')
    const before = await stage.contents()
    const known = new Set(namesOf(path)).size
    assert.deepEqual(await sendBundle(await bundleOf(path)), { stored: 0, known })
    assert.deepEqual(await publish([path]), [{ outcome: 'already-there' }])
    assert.deepEqual(await stage.contents(), before)
  })

  test('sent whole, a NAR is cut into the same chunks by the service', async () => {
    const other = await stage.createManaged('whole', false)
    const path = program('4')
    const dependency = dependencyOf(path)
    for (const { nar, hash, name, references } of [dependency, path]) {
      const file = zstdCompressSync(nar)
      const sample = { nar, file, fileHash: sha256(file), narHash: (await stage.send(other, file)).narHash }
      const info = claimsOf({ hash, name, references }, sample)
      assert.equal(await publishPath(stage, { cache: other, info, signal }), 'published')
      // The answer may have been lost.
      assert.equal(await publishPath(stage, { cache: other, info, signal }), 'already-there')
    }
    assert.deepEqual(await missing(namesOf(path, dependency), other), [])
    assert.ok((await served(path, other)).equals(path.nar))
  })

  describe('of another tenant', () => {
    let other: Cache
    before(async () => void (other = await stage.createManaged('other')))

    test('are missing, and cannot be built on, though they are stored', async () => {
      const path = program('0')
      const names = namesOf(path)
      assert.deepEqual(await missing(names, other), names)
      await sendBundle(await bundleOf(dependencyOf(path)), other)
      const [, outcome] = await publish([dependencyOf(path), path], other)
      assert.equal(outcome!.outcome, 'failed')
      assert.equal(outcome!.code, 'missing-chunks')
      assert.match(outcome!.message!, new RegExp(`${new Set(names).size} chunks of this path are not there`))
    })

    test('are told from others by no answer, but stored once', async () => {
      const path = program('0')
      const fresh = cutPath(`${'h'.repeat(32)}-fresh`, [], textFile('nobody has this'))
      const files = await stage.files()
      const stored = { stored: new Set(namesOf(path)).size, known: 0 }
      assert.deepEqual(await sendBundle(await bundleOf(path), other), stored)
      assert.deepEqual(await stage.files(), files)
      assert.deepEqual(await sendBundle(await bundleOf(fresh), other), { stored: 1, known: 0 })
      assert.deepEqual(await publish([path], other), [{ outcome: 'published' }])
      assert.ok((await served(path, other)).equals(path.nar))
    })

    test('are there where everybody may read them', async () => {
      const fresh = cutPath(`${'h'.repeat(32)}-fresh`, [], textFile('nobody has this'))
      assert.deepEqual(await missing(namesOf(fresh)), [])
      assert.deepEqual(await publish([fresh]), [{ outcome: 'published' }])
    })
  })

  test('what fails takes with it what needs it, and no others', async () => {
    const absent = cutPath(`${'n'.repeat(32)}-absent`, [], textFile('nobody sent me'))
    const needy = cutPath(`${'p'.repeat(32)}-needy`, [`${absent.hash}-absent`], textFile('I need it'))
    const alone = cutPath(`${'b'.repeat(32)}-alone`, [], textFile('I need nobody'))
    await sendBundle(await bundleOf(needy, alone))
    const outcomes = await publish([absent, needy, alone])
    assert.deepEqual(
      outcomes.map(({ outcome, code }) => [outcome, code]),
      [
        ['failed', 'missing-chunks'],
        ['failed', 'missing-references'],
        ['published', undefined],
      ],
    )
  })

  test('many bundles and publications at once store everything once', async () => {
    const path = program('c')
    const dependency = dependencyOf(path)
    const bytes = await bundleOf(path, dependency)
    await Promise.all(Array.from({ length: 4 }, () => sendBundle(bytes)))
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => publish([dependency, path])))
    const all = outcomes.flat().map(({ outcome }) => outcome)
    assert.equal(all.filter((outcome) => outcome === 'published').length, 2)
    assert.equal(all.filter((outcome) => outcome === 'already-there').length, 6)
  })

  describe('a pack that is damaged', () => {
    const path = program('f')

    test('makes its chunks missing once a publication met it, and is mended by sending them again', async () => {
      const unique = cutPath(`${'k'.repeat(32)}-unique`, [], textFile('x'.repeat(1000)))
      const bytes = await bundleOf(unique)
      await sendBundle(bytes)
      const [chunk] = await stage.database.chunks.find(readerOf(cache), namesOf(unique))
      const { pack } = chunk!
      const file = (await stage.packs.open(pack))!.path!
      const whole = bytes.subarray(bytes.length - (await stage.packs.open(pack))!.size)
      for (const harm of [
        () => flipByte(file, 20),
        () => writeFile(file, 'short'),
        () => stage.packs.delete(pack),
      ]) {
        await harm()
        const [outcome] = await publish([unique])
        assert.equal(outcome!.code, 'damaged')
        assert.deepEqual(await missing(namesOf(unique)), namesOf(unique))
        await sendBundle(bytes)
        assert.deepEqual(await missing(namesOf(unique)), [])
        assert.equal(sha256(whole), pack)
      }
      assert.deepEqual(await publish([unique]), [{ outcome: 'published' }])
      assert.ok((await served(unique)).equals(unique.nar))
    })

    test('takes its paths with it, which pushing again brings back', async () => {
      const dependency = dependencyOf(path)
      await sendBundle(await bundleOf(path, dependency))
      await publish([dependency, path])
      const { runs } = await recipeOf(dependency)
      await stage.database.packs.markDamaged(runs[0]!.pack)
      const hashes = [dependency.hash, path.hash]
      assert.ok((await stage.database.paths.missing(cache.id, hashes)).includes(dependency.hash))
      await sendBundle(await bundleOf(dependency))
      await sendBundle(await bundleOf(path))
      const outcomes = await publish([dependency, path])
      assert.ok(outcomes.every(({ outcome }) => outcome !== 'failed'))
      assert.ok((await served(dependency)).equals(dependency.nar))
      assert.ok((await served(path)).equals(path.nar))
    })
  })
})

function readerOf({ id }: Cache): ChunkReader {
  return { cacheId: id }
}

/** Of everything in the database, about. */
async function sizeOf(stage: ServiceStage): Promise<number> {
  return JSON.stringify(await stage.contents(), bytesAsText).length
}

interface Tree {
  readonly entries?: Record<string, Tree>
  readonly target?: string
}

async function flipByte(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+')
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at)
  await file.write(Buffer.of(buffer[0]! ^ 1), 0, 1, at)
  await file.close()
}

function bytesAsText(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value
}
