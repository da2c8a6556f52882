import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { constants, zstdCompressSync } from 'node:zlib'

import {
  closeDirectory,
  closeEntry,
  closeFile,
  narMagic,
  openDirectory,
  openEntry,
  openFile,
} from '@cachix/protocol'
import * as fc from 'fast-check'

import { CacheError } from '../../src/cache-error.ts'
import type { CacheErrorCode } from '../../src/cache-error.ts'
import type { Cache } from '../../src/database/cache-database.ts'
import { receiveNar } from '../../src/services/receive-nar.ts'
import { directory, sampleNar, sha256, textFile, toFrames } from './sample-nar.ts'
import { ServiceStage } from './service-stage.ts'

const good = sampleNar(directory({ a: textFile('x'.repeat(10_000)), b: textFile('y') }))
const random = sampleNar({ type: 'regular', contents: randomBytes(100_000) })
const muchMemory = { params: { [constants.ZSTD_c_windowLog]: 27 } }
const emptyFile = Buffer.concat([openFile({ size: 0, executable: false }), closeFile(0)])

const badFiles: readonly [what: string, file: Uint8Array, code: CacheErrorCode, message: RegExp][] = [
  ['nothing at all', new Uint8Array(0), 'invalid-nar', /cut short/],
  ['a NAR that is not compressed', good.nar, 'unsupported', /./],
  ['a NAR compressed otherwise', Buffer.from('fd377a585a000004e6d6b446', 'hex'), 'unsupported', /./],
  ['a frame that takes much memory', zstdCompressSync(zerosOfNar(40), muchMemory), 'unsupported', /./],
  [
    'one small frame of a NAR that is too large',
    zstdCompressSync(zerosOfNar(21)),
    'too-large',
    /20000000 bytes/,
  ],
  [
    'a file that stops inside a frame',
    random.file.subarray(0, 50_000),
    'truncated',
    /stops inside a zstd frame/,
  ],
  [
    'a file that stops between frames',
    toFrames(good.nar.subarray(0, 5_000), 1_000),
    'invalid-nar',
    /cut short/,
  ],
  [
    'a file that goes on after its last frame',
    Buffer.concat([good.file, Buffer.from('and so on')]),
    'unsupported',
    /./,
  ],
  ['a second NAR', Buffer.concat([good.file, good.file]), 'invalid-nar', /follows its end/],
  ['a frame with damaged contents', damaged(good.file), 'unsupported', /./],
  ['thousands of tiny frames', toFrames(random.nar, 10), 'unsupported', /tiny/],
  ['an upload that is too large', randomBytes(10_000_001), 'too-large', /10000000 bytes/],
  ['a small file of a NAR that is too large', zeros(21), 'too-large', /20000000 bytes/],
  ['what is no NAR', toFrames(Buffer.from('#!/bin/sh\n'.repeat(20))), 'invalid-nar', /./],
  ['entries out of order', toFrames(directoryOf('b', 'a')), 'invalid-nar', /./],
  ['two entries of one name', toFrames(directoryOf('a', 'a')), 'invalid-nar', /./],
  ['an entry that leads out', toFrames(leadingOut()), 'invalid-nar', /./],
]

describe('A bad upload is refused with a reason and leaves everything as it was', () => {
  let stage: ServiceStage
  let cache: Cache
  let earlier: unknown
  before(async () => {
    stage = await ServiceStage.open()
    cache = await stage.createManaged('mine')
    await stage.push(cache, { hash: '0'.repeat(32), name: 'earlier' }, sampleNar(textFile('earlier')))
    earlier = await stage.contents()
  })
  after(() => stage.close())

  const signal = new AbortController().signal

  for (const [what, file, code, message] of badFiles) {
    test(what, async () => {
      await assert.rejects(stage.send(cache, file), { name: 'CacheError', code, message })
      assert.deepEqual(await stage.contents(), earlier)
    })
  }

  test('a sender who goes away', async () => {
    const sent = receiveNar(stage, { cache, compression: 'zstd', body: Readable.from(breakingOff()), signal })
    await assert.rejects(sent, { name: 'CacheError', code: 'truncated', message: /after 50000 bytes/ })
    assert.deepEqual(await stage.contents(), earlier)
  })

  test('a sender who goes away without a word', async () => {
    const body = new Readable({ read() {} })
    body.push(random.file.subarray(0, 50_000))
    const sent = receiveNar(stage, { cache, compression: 'zstd', body, signal })
    body.destroy()
    await assert.rejects(sent, { name: 'CacheError', code: 'truncated' })
    assert.deepEqual(await stage.contents(), earlier)
  })

  test('a request that is aborted while it sends', async () => {
    const request = new AbortController()
    const body = new Readable({ read() {} })
    body.push(random.file.subarray(0, 50_000))
    const sent = receiveNar(stage, { cache, compression: 'zstd', body, signal: request.signal })
    request.abort()
    await assert.rejects(sent)
    assert.deepEqual(await stage.contents(), earlier)
  })

  test('any file with any damage, unless that made another NAR of it', () =>
    fc.assert(
      fc.asyncProperty(damages, async (edits) => {
        const file = edits.reduce(applyEdit, good.file)
        try {
          assert.equal((await stage.send(cache, file)).fileHash, sha256(file))
          earlier = await stage.contents()
        } catch (error) {
          assert.ok(error instanceof CacheError, String(error))
          assert.match(error.code, /^(?:unsupported|truncated|invalid-nar|too-large)$/)
          assert.deepEqual(await stage.contents(), earlier)
        }
      }),
      { numRuns: 150 },
    ))
})

async function* breakingOff(): AsyncGenerator<Uint8Array> {
  yield random.file.subarray(0, 50_000)
  throw Object.assign(new Error('aborted'), { code: 'ECONNRESET', syscall: 'read' })
}

interface Edit {
  readonly at: number
  readonly remove: number
  readonly insert: Uint8Array
}

const damages = fc.array(
  fc.record({
    at: fc.nat({ max: good.file.length }),
    remove: fc.nat({ max: 4 }),
    insert: fc.uint8Array({ maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 3 },
)

function applyEdit(file: Uint8Array, { at, remove, insert }: Edit): Uint8Array {
  return Buffer.concat([file.subarray(0, at), insert, file.subarray(at + remove)])
}

function damaged(file: Uint8Array): Uint8Array {
  return Uint8Array.from(file, (byte, i) => (i > 20 && i < 30 ? byte ^ 0xff : byte))
}

/** That many megabytes of zeros as a file of a NAR. */
function zeros(megabytes: number): Uint8Array {
  return toFrames(zerosOfNar(megabytes))
}

function zerosOfNar(megabytes: number): Uint8Array {
  const size = megabytes * 1_000_000
  const parts = [narMagic, openFile({ size, executable: false }), new Uint8Array(size), closeFile(size)]
  return Buffer.concat(parts)
}

function directoryOf(...names: string[]): Uint8Array {
  const entries = names.flatMap((name) => [openEntry(Buffer.from(name)), emptyFile, closeEntry])
  return Buffer.concat([narMagic, openDirectory, ...entries, closeDirectory])
}

/** The writer would not write it. */
function leadingOut(): Uint8Array {
  const nar = Buffer.from(directoryOf('aa'))
  nar.write('..', nar.indexOf('aa\0'))
  return nar
}
