import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { nameChunk } from '@cachix/frames'
import { decodeChunkRecipe } from '@cachix/protocol'
import * as fc from 'fast-check'
import { ChunkSender } from '../../src/push/chunk-sender.ts'
import type { NamedChunk } from '../../src/push/cut/cut-path.ts'
import { offerChunk, type OfferedChunk } from '../../src/push/cut/offered-chunk.ts'
import type { PackedFrame } from '../../src/push/cut/pack-chunk.ts'

function chunk(bytes: Uint8Array): NamedChunk {
  const plain = { bytes, pattern: [], hashes: [] }
  return { ...plain, name: nameChunk(plain) }
}

function randomChunk(size: number): NamedChunk {
  return chunk(randomBytes(size))
}

function chunkOf(seed: number): NamedChunk {
  return chunk(createHash('sha512').update(`${seed}`).digest())
}

async function* streamOf(chunks: Iterable<NamedChunk>): AsyncGenerator<OfferedChunk> {
  for (const each of chunks) yield await Promise.resolve(offerChunk(each))
}

/** A service in memory. */
class Service {
  readonly stored = new Set<string>()
  readonly bundles: (readonly PackedFrame[])[] = []
  /** For each bundle, the names of the chunks of each recipe. */
  readonly recipes: string[][][] = []
  readonly questions: (readonly string[])[] = []
  readonly controller = new AbortController()
  refuse: (frames: readonly PackedFrame[]) => boolean = () => false

  open(bundleSize = 32_000_000): ChunkSender {
    return new ChunkSender({
      bundleSize,
      level: 1,
      signal: this.controller.signal,
      findMissing: async (names) => {
        this.questions.push(names)
        await new Promise((resolve) => setImmediate(resolve))
        return new Set(names.filter((name) => !this.stored.has(name)))
      },
      sendBundle: async ({ frames, recipes }) => {
        await new Promise((resolve) => setImmediate(resolve))
        if (this.refuse(frames)) throw new Error('refused')
        this.bundles.push(frames)
        this.recipes.push(recipes.map((recipe) => decodeChunkRecipe(recipe).map(({ name }) => name)))
        for (const { name } of frames) this.stored.add(name)
      },
    })
  }

  get bundleNames(): string[][] {
    return this.bundles.map((frames) => frames.map(({ name }) => name))
  }
}

async function sendAll(sender: ChunkSender, nars: readonly (readonly NamedChunk[])[]): Promise<void> {
  const shipments = await Promise.all(nars.map((nar) => sender.send(streamOf(nar), () => undefined)))
  void sender.finish()
  await Promise.all(shipments.map((shipment) => shipment.arrival()))
}

test('NARs whose frames are all in a bundle are told of in it', async () => {
  const service = new Service()
  const nars = Array.from({ length: 3 }, () => Array.from({ length: 2 }, () => randomChunk(1000)))
  const twice = randomChunk(1000)
  await sendAll(service.open(), [...nars, [twice, twice]])
  assert.deepEqual(service.recipes, [nars.map((nar) => nar.map(({ name }) => name))])
})

test('small NARs share one question and one bundle, each in one piece and in order', async () => {
  const service = new Service()
  const nars = Array.from({ length: 50 }, () => Array.from({ length: 4 }, () => randomChunk(1000)))
  await sendAll(service.open(), nars)
  assert.equal(service.questions.length, 1)
  assert.equal(service.bundles.length, 1)
  const sent = service.bundleNames[0]?.join() ?? ''
  for (const nar of nars) assert.ok(sent.includes(nar.map(({ name }) => name).join()))
})

test('of many small NARs the service gets some while others are still cut, in few bundles', async () => {
  const service = new Service()
  const sender = service.open()
  const nars = Array.from({ length: 6_000 }, (_, seed) => [chunkOf(seed)])
  for (const nar of nars) {
    await nextTurn()
    await sender.send(streamOf(nar), () => undefined)
  }
  const early = service.bundles.length
  await sender.finish()
  assert.ok(early > 1, `${early} bundles were sent before all was cut`)
  assert.ok(service.bundles.length <= 6, `${service.bundles.length} bundles`)
  assert.ok(service.questions.slice(0, -1).every((names) => names.length >= 256))
})

test('a large NAR has a bundle of its own', async () => {
  const service = new Service()
  const large = Array.from({ length: 6 }, () => randomChunk(300_000))
  await sendAll(service.open(), [[randomChunk(10)], large, [randomChunk(10)]])
  assert.deepEqual(new Set(service.bundles.map((frames) => frames.length)), new Set([2, 6]))
  assert.ok(service.bundleNames.some((names) => names.join() === large.map(({ name }) => name).join()))
})

test('no bundle is larger than allowed, index included', async () => {
  const service = new Service()
  const nar = Array.from({ length: 40 }, () => randomChunk(200_000))
  await sendAll(service.open(2_000_000), [nar])
  assert.ok(service.bundles.length >= 4)
  for (const frames of service.bundles) {
    assert.ok(frames.reduce((sum, { length }) => sum + length + 48, 0) <= 2_000_000)
  }
  assert.deepEqual(
    service.bundleNames.flat(),
    nar.map(({ name }) => name),
  )
})

test('only what is missing is sent, and nothing twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.nat(30), { maxLength: 12 }), { maxLength: 12 }),
      fc.uniqueArray(fc.nat(30)),
      async (nars, known) => {
        const service = new Service()
        for (const seed of known) service.stored.add(chunkOf(seed).name)
        await sendAll(
          service.open(),
          nars.map((seeds) => seeds.map(chunkOf)),
        )
        const expected = new Set(nars.flat().filter((seed) => !known.includes(seed)))
        assert.deepEqual(
          service.bundleNames.flat().toSorted(),
          Array.from(expected, (seed) => chunkOf(seed).name).toSorted(),
        )
      },
    ),
    { numRuns: 30 },
  )
})

test('much more than fits in memory gets through', { timeout: 60_000 }, async () => {
  const service = new Service()
  const nars = Array.from({ length: 8 }, () => Array.from({ length: 20 }, () => randomChunk(1_000_000)))
  await sendAll(service.open(), nars)
  assert.equal(service.stored.size, 160)
})

test('a bundle that is refused fails the NARs that need it, and no others', async () => {
  const service = new Service()
  const [lost, other] = [randomChunk(2_000_000), randomChunk(2_000_000)]
  service.refuse = (frames) => frames.some(({ name }) => name === lost.name)
  const sender = service.open()
  const shipments = await Promise.all(
    [[lost], [other], [other, lost]].map((nar) => sender.send(streamOf(nar), () => undefined)),
  )
  void sender.finish()
  const results = await Promise.allSettled(shipments.map((shipment) => shipment.arrival()))
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'fulfilled', 'rejected'],
  )
})

test('a NAR that fails half way holds nobody up, and what others need of it arrives', async () => {
  const service = new Service()
  const shared = randomChunk(1000)
  async function* failing(): AsyncGenerator<OfferedChunk> {
    yield await Promise.resolve(offerChunk(shared))
    throw new Error('changed')
  }
  const sender = service.open()
  await assert.rejects(
    sender.send(failing(), () => undefined),
    /changed/,
  )
  const shipment = await sender.send(streamOf([shared]), () => undefined)
  void sender.finish()
  await shipment.arrival()
  assert.ok(service.stored.has(shared.name))
})
