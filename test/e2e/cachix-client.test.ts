import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { SecretKey } from '@cachix/protocol'
import { CurrentClient } from '../cachix-client/current-client.ts'
import { dumpPath, type DumpOptions } from '../cachix-client/dumped-path.ts'
import { LegacyClient } from '../cachix-client/legacy-client.ts'
import { Wire } from '../cachix-client/wire.ts'
import { runtime } from '../harness/runtime.ts'
import { anyNix } from '../harness/nix-versions.ts'
import { savedKey } from '../harness/saved-key.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes, type NarHashes } from '../harness/store-paths.ts'

const chunkSize = 1_000_000

for (const signer of ['the client', 'the service'] as const) {
  describe(`the genuine Cachix client's requests, signed by ${signer}, ${runtime}`, () => {
    let stage: Stage
    let wire: Wire
    let key: SecretKey | undefined
    before(async () => {
      stage = await Stage.set(anyNix, { create: signer === 'the client' ? [] : ['--managed-key'] })
      wire = new Wire(stage.server.port, { version: '1.11.1', token: stage.server.ownerToken })
      key = signer === 'the client' ? savedKey(stage) : undefined
    })
    after(async () => {
      wire[Symbol.dispose]()
      await stage[Symbol.asyncDispose]()
    })

    const current = () => new CurrentClient(wire, { cache: stage.cache, chunkSize })

    /** What was built, members of the closure that need others first: the worst order there is. */
    async function dumped(attribute: string, options: Omit<DumpOptions, 'key'>) {
      const top = await build(stage.owner, attribute)
      const hashes = await closureHashes(stage.owner, top)
      const paths = []
      for (const path of [...hashes.keys()].reverse())
        paths.push(await dumpPath(stage.owner, path, { ...options, key }))
      return { top, hashes, paths }
    }

    async function checkFetched(top: string, hashes: NarHashes): Promise<void> {
      const reader = await stage.addConfiguredReader()
      await reader.runOk(['nix-store', '--realise', top])
      await checkWhole(reader, hashes)
    }

    it('ask what the cache is, and are told all seven fields', async () => {
      const cache = await current().getCache()
      assert.equal(cache.uri, `http://${stage.cache}.localhost:${stage.server.port}`)
      assert.match(cache.publicSigningKeys[0] ?? '', new RegExp(`^${stage.cache}\\.localhost-1:`))
      assert.deepEqual([cache.permission, cache.preferredCompressionMethod], ['Admin', 'ZSTD'])
    })

    it('push a closure in parts and in any order, and real Nix fetches it', async () => {
      const { top, hashes, paths } = await dumped('top', { compression: 'zst' })
      await current().push(paths)
      assert.deepEqual(await current().missing(paths.map((path) => path.storeHash)), [])
      await checkFetched(top, hashes)
    })

    it('push a path of many parts, twice at once', async () => {
      const { top, hashes, paths } = await dumped('big', { compression: 'zst' })
      await Promise.all([current().send(paths[0]!), current().send(paths[0]!)])
      await checkFetched(top, hashes)
    })

    it('go on where they were when the service was killed between two parts', async () => {
      const { top, hashes, paths } = await dumped('other', { compression: 'zst' })
      const [last] = paths
      const client = new CurrentClient(wire, { cache: stage.cache, chunkSize: 100 })
      const upload = await client.begin()
      const [first, ...rest] = client.cut(last!.file)
      const parts = [{ partNumber: 1, eTag: await client.sendPart(upload, first!) }]
      const urls = await Promise.all(rest.map((part) => client.sign(upload, part)))
      stage.server.kill('SIGKILL')
      await stage.server.ended()
      await stage.server.restart()
      for (const [index, part] of rest.entries()) {
        parts.push({ partNumber: part.partNumber, eTag: await client.put(urls[index]!, part.bytes) })
      }
      await client.complete(upload, parts, last!)
      await client.complete(upload, parts, last!)
      await checkFetched(top, hashes)
    })

    for (const compression of ['xz', 'zst', undefined] as const) {
      it(`push whole files before 1.3, of ${compression ?? 'a compression they do not say'}`, async () => {
        const cache = `legacy-${compression ?? 'unsaid'}`
        await stage.owner.cachixOk(['create', cache, '--managed-key'])
        key = undefined
        const { top, hashes, paths } = await dumped('top', { compression: compression ?? 'xz' })
        const old = new Wire(stage.server.port, { version: '1.0.0', token: stage.server.ownerToken })
        const client = new LegacyClient(old, { cache, compression })
        await client.push(paths)
        for (const path of paths) assert.equal(await client.isThere(path), true)
        const reader = stage.addReader()
        await reader.cachixOk(['use', cache, '--mode', 'user-nixconf'])
        await reader.runOk(['nix-store', '--realise', top])
        await checkWhole(reader, hashes)
        old[Symbol.dispose]()
      })
    }

    it('are refused without a token, with a text that helps', async () => {
      using anonymous = new Wire(stage.server.port, { version: '1.11.1', token: '' })
      const client = new CurrentClient(anonymous, { cache: stage.cache, chunkSize })
      assert.equal((await client.getCache()).permission, 'Read')
      await assert.rejects(client.begin(), /401 .*auth token is needed/)
    })
  })
}
