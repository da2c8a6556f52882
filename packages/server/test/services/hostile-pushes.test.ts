import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'

import type { PathCreate } from '@cachix/api'
import {
  decodeChunkLayout,
  decodeChunkRecipe,
  encodeChunkLayout,
  encodeChunkRecipe,
  encodePackIndex,
} from '@cachix/protocol'
import type { FilledChunk } from '@cachix/protocol'
import * as fc from 'fast-check'

import { CacheError } from '../../src/cache-error.ts'
import type { CacheErrorCode } from '../../src/cache-error.ts'
import type { Cache } from '../../src/database/cache-database.ts'
import { publishPaths } from '../../src/services/publish-paths.ts'
import { receiveBundle } from '../../src/services/receive-bundle.ts'
import { textFile } from './sample-nar.ts'
import { bundle, bundleOf, cutPath, namesOf, pathCreateOf, program, sendFrame } from './sample-push.ts'
import type { SentFrame } from './sample-push.ts'
import { ServiceStage } from './service-stage.ts'

const { signal } = new AbortController()

const path = program('0')
const honest = await Promise.all(path.chunks.slice(0, 3).map(sendFrame))
const first = honest[0]!
const bomb = zstdCompressSync(new Uint8Array(100_000_000))

/** The first of the honest frames, with lies about it. */
function lying(lie: Partial<SentFrame>): Buffer {
  return bundle([{ ...first, ...lie }, ...honest.slice(1)])
}

function shifted({ layout, length, contentSize }: SentFrame, distance: number): Uint8Array {
  const { pattern, patches } = decodeChunkLayout(layout, { length, contentSize })
  const moved = patches.map(({ offset, slot }) => ({ offset: offset + distance, slot }))
  return encodeChunkLayout({ pattern, patches: moved })
}

const badBundles: readonly [what: string, bytes: Uint8Array, code: CacheErrorCode, message: RegExp][] = [
  ['nothing at all', new Uint8Array(0), 'truncated', /stops inside its index/],
  ['something else', Buffer.from('#!/bin/sh\nexec true\n'), 'bad-request', /version/],
  ['half an index', bundle(honest).subarray(0, 50), 'truncated', /stops inside its index/],
  ['an index that promises gigabytes', Buffer.from('01ffffffff00', 'hex'), 'bad-request', /too long/],
  ['frames that are cut short', bundle(honest).subarray(0, -1), 'bad-request', /bytes, not the/],
  ['frames that go on', Buffer.concat([bundle(honest), Buffer.of(0)]), 'bad-request', /bytes, not the/],
  [
    'a frame under the name of another chunk',
    lying({ name: 'ab'.repeat(32) }),
    'bad-request',
    /ab is refused/,
  ],
  ['frames that overlap', lying({ length: first.length - 10 }), 'bad-request', /bytes, not the/],
  [
    'lengths that lie and add up',
    bundle([
      { ...first, length: first.length + 1 },
      { ...honest[1]!, length: honest[1]!.length - 1 },
      honest[2]!,
    ]),
    'bad-request',
    /more than one frame/,
  ],
  ['a chunk that is larger than it says', lying({ contentSize: first.contentSize - 1 }), 'bad-request', /./],
  [
    'a frame that inflates',
    bundle([{ ...first, frame: bomb, length: bomb.length, layout: new Uint8Array(0) }]),
    'bad-request',
    /too large/,
  ],
  [
    'a frame that says that it inflates',
    bundle([{ ...first, frame: bomb, length: bomb.length, contentSize: 100_000_000 }]),
    'bad-request',
    /a chunk that is too large/,
  ],
  ['a chunk twice', bundle([first, first]), 'bad-request', /twice/],
  ['patches beside the holes', lying({ layout: shifted(first, 1) }), 'bad-request', /./],
  ['patches outside the frame', lying({ layout: shifted(first, 1_000_000) }), 'bad-request', /outside/],
  ['no patches for its holes', lying({ layout: new Uint8Array(0) }), 'bad-request', /./],
  ['a layout that is none', lying({ layout: Uint8Array.of(255, 255) }), 'bad-request', /./],
  ['a bundle that is too large', bundleOfSize(10_000_001), 'too-large', /10000000 bytes/],
]

describe('A hostile push is refused with a reason', () => {
  let stage: ServiceStage
  let cache: Cache
  let victim: Cache
  before(async () => {
    stage = await ServiceStage.open()
    cache = await stage.createManaged('mine')
    victim = await stage.createManaged('victim', false)
  })
  after(() => stage.close())

  const send = (bytes: Uint8Array, to = cache) =>
    receiveBundle(stage, { cache: to, body: Readable.from([bytes]), signal })
  const publish = (paths: readonly PathCreate[], to = cache) =>
    publishPaths(stage, { cache: to, reader: { cacheId: to.id }, paths, signal })

  describe('and a bundle leaves nothing behind:', () => {
    for (const [what, bytes, code, message] of badBundles) {
      test(what, async () => {
        const before = await stage.contents()
        await assert.rejects(send(bytes), { name: 'CacheError', code, message })
        assert.deepEqual(await stage.contents(), before)
      })
    }

    test('any bundle with any damage', async () => {
      const good = bundle(honest)
      const before = await stage.contents()
      await fc.assert(
        fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
          const bytes = Buffer.from(good)
          bytes[at] = bytes[at]! ^ change
          // What lies in a patch is overwritten anyway.
          const sent = await send(bytes).catch((error: unknown) => error)
          if (!(sent instanceof CacheError))
            return assert.deepEqual(Object.keys(sent as object), ['stored', 'known'])
          assert.match(sent.code, /^(?:bad-request|truncated)$/)
          return assert.deepEqual(await stage.contents(), before)
        }),
        { numRuns: 60, endOnFailure: true },
      )
    })
  })

  describe('and a path stays as it was:', () => {
    const mine = program('2')
    const claim = { ...pathCreateOf(mine), references: [] }
    before(async () => {
      await send(await bundleOf(mine))
      await send(await bundleOf(cutPath(`${'4'.repeat(32)}-secret`, [], textFile('a secret'))), victim)
    })

    const changed = (change: (recipe: FilledChunk[]) => readonly FilledChunk[]): Partial<PathCreate> => {
      const recipe = decodeChunkRecipe(Buffer.from(claim.recipe, 'base64'))
      return { recipe: Buffer.from(encodeChunkRecipe(change(recipe))).toString('base64') }
    }
    const secret = namesOf(cutPath(`${'4'.repeat(32)}-secret`, [], textFile('a secret')))[0]!
    const lies: readonly [what: string, Partial<PathCreate>, CacheErrorCode, RegExp][] = [
      ['a recipe that is none', { recipe: 'AAAA' }, 'bad-request', /not the recipe/],
      ['an empty recipe', changed(() => []), 'invalid-nar', /cut short/],
      [
        'a chunk that nobody has',
        changed((recipe) => [{ name: 'ab'.repeat(32), hashes: [] }, ...recipe]),
        'missing-chunks',
        /^1 chunks of this path are not there, (?:ab)+ among them/,
      ],
      [
        'a chunk of another tenant',
        changed((recipe) => [{ name: secret, hashes: [] }, ...recipe]),
        'missing-chunks',
        new RegExp(`^1 chunks of this path are not there, ${secret} among them`),
      ],
      ['a chunk too few', changed((recipe) => recipe.slice(1)), 'invalid-nar', /./],
      ['a chunk twice', changed((recipe) => [...recipe, recipe.at(-1)!]), 'invalid-nar', /./],
      [
        'other hashes in the holes',
        changed((recipe) =>
          recipe.map((chunk) => ({ ...chunk, hashes: chunk.hashes.map(() => 'z'.repeat(32)) })),
        ),
        'hash-mismatch',
        /not sha256:/,
      ],
      [
        'too few hashes for the holes',
        changed((recipe) => recipe.map((chunk) => ({ ...chunk, hashes: [] }))),
        'bad-request',
        /wrong number/,
      ],
      ['another hash', { narHash: `sha256:${'0'.repeat(52)}` }, 'hash-mismatch', /not sha256:0{52}/],
      ['another size', { narSize: 1 }, 'hash-mismatch', /and 1\./],
      ['a name that leads elsewhere', { storePath: '../../etc' }, 'bad-request', /name of a store path/],
      ['a reference that leads elsewhere', { references: ['../etc'] }, 'bad-request', /name of a store path/],
      ['a signature that is none', { sig: 'x' }, 'bad-signature', /./],
      ['references that are not there', { references: [`${'y'.repeat(32)}-y`] }, 'missing-references', /y-y/],
    ]
    for (const [what, lie, code, message] of lies) {
      test(what, async () => {
        const before = await stage.contents()
        const [outcome] = await publish([{ ...claim, ...lie }])
        assert.deepEqual([outcome!.outcome, outcome!.code], ['failed', code])
        assert.match(outcome!.message!, message)
        assert.deepEqual(await stage.contents(), before)
      })
    }

    test('and without lies it is published', async () => {
      assert.deepEqual(await publish([claim]), [{ outcome: 'published' }])
    })
  })
})

function bundleOfSize(size: number): Buffer {
  return Buffer.concat([encodePackIndex([{ ...first, length: size }]), new Uint8Array(size)])
}
