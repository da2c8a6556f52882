import assert from 'node:assert/strict'
import { createHash, type Hash } from 'node:crypto'
import { request } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { after, before, describe, test } from 'node:test'
import { createZstdCompress } from 'node:zlib'
import type { IncomingMessage } from 'node:http'
import { sha256FromHex, writeNar } from '@cachix/protocol'
import { decompressZstd } from '../../src/services/workers/decompress/zstd.ts'
import { HttpStage } from './http-stage.ts'
import { cut, PartSender } from './part-sender.ts'

/** Of the file in the NAR. More than 32 bits count. */
const size = 2 ** 32 + 5
const skip =
  process.env['CACHIX_TEST_LARGE'] === undefined ? 'set CACHIX_TEST_LARGE=1: it takes a minute or two' : false

/** Of zeros. */
function* largeNar(): Generator<Uint8Array> {
  const empty = Buffer.concat([...writeNar({ type: 'regular', contents: new Uint8Array(0) })])
  const end = empty.indexOf('contents') + 'contents'.length
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(size))
  yield Buffer.concat([empty.subarray(0, end), length])
  const zeros = Buffer.alloc(2 ** 20)
  const padded = Math.ceil(size / 8) * 8
  for (let left = padded; left > 0; left -= zeros.length) yield zeros.subarray(0, left)
  yield empty.subarray(end + 8)
}

async function* measured(
  blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  hash: Hash,
): AsyncGenerator<Uint8Array> {
  for await (const block of blocks) {
    hash.update(block)
    yield block
  }
}

describe('A NAR of more than 4 GiB', { skip }, () => {
  let stage: HttpStage
  before(async () => {
    stage = await HttpStage.open()
    await stage.create('mine')
  })
  after(() => stage.close())

  test('comes in parts, and is served as it was', { timeout: 600_000 }, async () => {
    const narHash = createHash('sha256')
    const blocks: Uint8Array[] = []
    await pipeline(measured(largeNar(), narHash), createZstdCompress(), async (compressed) => {
      for await (const block of compressed) blocks.push(block as Uint8Array)
    })
    const file = Buffer.concat(blocks)
    const sender = new PartSender(stage, 'mine')
    const upload = await sender.begin()
    const parts = cut(file, 4)
    const listed = await Promise.all(parts.map((part, index) => sender.sendPart(upload, index + 1, part)))
    const hash = narHash.digest('hex')
    const { status, text } = await sender.complete(upload, listed, {
      cStoreHash: '0'.repeat(32),
      cStoreSuffix: 'large',
      cNarHash: sha256FromHex(hash),
      cNarSize: [...largeNar()].reduce((sum, block) => sum + block.length, 0),
      cFileHash: createHash('sha256').update(file).digest('hex'),
      cFileSize: file.length,
      cReferences: [],
      cDeriver: 'unknown-deriver',
      cSig: null,
    })
    assert.equal(status, 200, text)
    const narinfo = (await stage.ask({ path: `/mine/${'0'.repeat(32)}.narinfo` })).text
    const answer = await get(`/mine/${/^URL: (.*)$/m.exec(narinfo)![1]}`)
    const served = createHash('sha256')
    for await (const _ of measured(decompressZstd(answer as AsyncIterable<Uint8Array>), served));
    assert.equal(served.digest('hex'), hash)
  })

  /** As it comes. */
  function get(path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      request({ port: stage.server.port, path, headers: { host: 'localhost' } }, resolve)
        .on('error', reject)
        .end()
    })
  }
})
