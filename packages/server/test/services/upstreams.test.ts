import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'

import { fingerprint, secretKeyFromSeed, sign } from '@cachix/protocol'

import type { Cache } from '../../src/database/cache-database.ts'
import { declareUpstream } from '../../src/services/declare-upstream.ts'
import { findMissing } from '../../src/services/find-missing.ts'
import { publishPaths } from '../../src/services/publish-paths.ts'
import { receiveBundle } from '../../src/services/receive-bundle.ts'
import { recordUpstreamPaths } from '../../src/services/record-upstream-paths.ts'
import { removeUpstream } from '../../src/services/remove-upstream.ts'
import { textFile } from './sample-nar.ts'
import { bundleOf, cutPath, pathCreateOf } from './sample-push.ts'
import type { CutPath } from './sample-push.ts'
import { ServiceStage } from './service-stage.ts'

const { signal } = new AbortController()
const url = 'https://up.example'
const key = await secretKeyFromSeed('up.example-1', new Uint8Array(32).fill(1))
const liar = await secretKeyFromSeed('up.example-1', new Uint8Array(32).fill(2))
const publicKeys = [`up.example-1:${Buffer.from(key.publicKey).toString('base64')}`]

const libc = cutPath(`${'1'.repeat(32)}-libc`, [], textFile('libc'))
const app = cutPath(`${'2'.repeat(32)}-app`, [`${'1'.repeat(32)}-libc`], textFile(`uses ${'1'.repeat(32)}`))

let stage: ServiceStage
let cache: Cache
before(async () => {
  stage = await ServiceStage.open()
  cache = await stage.createManaged('mine')
  await declareUpstream(stage, cache, { url: `${url}/`, publicKeys })
})
after(() => stage.close())

async function claimOf(path: CutPath, signer = key) {
  const { storePath, narHash, narSize, references } = pathCreateOf(path)
  const info = { storePath, narHash, narSize, references }
  const text = fingerprint({ ...info, storePath: `/nix/store/${storePath}` })
  return { ...info, signatures: [await sign(signer, text)] }
}

async function publish(path: CutPath) {
  await receiveBundle(stage, { cache, body: Readable.from([await bundleOf(path)]), signal })
  const paths = [pathCreateOf(path)]
  const [outcome] = await publishPaths(stage, { cache, reader: { cacheId: cache.id }, paths, signal })
  return outcome!
}

test('a reference that only an upstream has counts as there once the upstream’s signature proves it', async () => {
  assert.equal((await publish(app)).code, 'missing-references')
  const honest = await claimOf(libc)
  const lies = [
    await claimOf(libc, liar),
    { ...honest, narSize: honest.narSize + 1 },
    { ...honest, storePath: `${'3'.repeat(32)}-libc` },
    { ...honest, signatures: [] },
  ]
  assert.deepEqual(await recordUpstreamPaths(stage, cache, lies), [false, false, false, false])
  assert.equal((await publish(app)).code, 'missing-references')
  assert.deepEqual(await recordUpstreamPaths(stage, cache, [honest]), [true])
  assert.equal((await publish(app)).outcome, 'published')
})

test('what an upstream is known to have is not missing, unless it must be stored', async () => {
  const storeHashes = [libc.hash, app.hash, '4'.repeat(32)]
  const missing = (upstreams: 'known' | 'missing') =>
    findMissing(stage, { cache, storeHashes, upstreams, signal })
  assert.deepEqual(await missing('known'), ['4'.repeat(32)])
  assert.deepEqual(await missing('missing'), [libc.hash, '4'.repeat(32)])
})

test('an upstream stays while a path counts on it, and goes when all is in the cache', async () => {
  await assert.rejects(removeUpstream(stage, cache, url), { code: 'conflict', message: /--include-upstream/ })
  assert.equal((await publish(libc)).outcome, 'published')
  await removeUpstream(stage, cache, url)
  await assert.rejects(removeUpstream(stage, cache, url), { code: 'not-found' })
})

test('nonsense is refused with the reason', async () => {
  for (const upstream of [
    { url: 'ftp://x', publicKeys },
    { url: 'https://user:pass@x', publicKeys },
    { url: 'https://x/?q', publicKeys },
    { url: 'nonsense', publicKeys },
    { url, publicKeys: [] },
    { url, publicKeys: ['nonsense'] },
  ]) {
    await assert.rejects(declareUpstream(stage, cache, upstream), { code: 'bad-request' })
  }
  const path = { storePath: '../x', narHash: 'x', narSize: 1, references: [], signatures: [] }
  await assert.rejects(recordUpstreamPaths(stage, cache, [path]), { code: 'bad-request' })
})
