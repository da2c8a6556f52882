import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { nixVersions } from '../harness/nix-versions.ts'
import type { NixWorld } from '../harness/nix-world.ts'
import { runtime } from '../harness/runtime.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes } from '../harness/store-paths.ts'

const keyName = (stage: Stage, number: number) => `${stage.cache}.localhost-${number}`

for (const nix of nixVersions) {
  describe(`a key takes the place of another, Nix ${nix.version}, ${runtime}`, () => {
    let stage: Stage
    /** Configured before the new key was there, so it trusts the old one only. */
    let oldReader: NixWorld
    let top: string
    let later: string

    before(async () => {
      stage = await Stage.set(nix)
      top = await build(stage.owner, 'top')
      later = await build(stage.owner, 'small')
      await stage.owner.cachixOk(['push', stage.cache, top])
      oldReader = await stage.addConfiguredReader()
    })
    after(() => stage[Symbol.asyncDispose]())

    async function fetches(reader: NixWorld, path: string): Promise<void> {
      reader.wipe()
      await reader.runOk(['nix-store', '--realise', path])
      await checkWhole(reader, await closureHashes(stage.owner, path))
    }

    it('adds a key whose secret half stays on this machine', async () => {
      const printed = await stage.owner.cachixOk(['key', 'add', stage.cache])
      assert.match(printed, new RegExp(`Added ${keyName(stage, 2)}:`))
      const configuration = join(stage.owner.home, '.config/cachix/cachix.json')
      assert.equal(statSync(configuration).mode & 0o077, 0)
      const { binaryCaches } = JSON.parse(readFileSync(configuration, 'utf8'))
      assert.equal(binaryCaches.length, 2)
      for (const { secretKey } of binaryCaches) assert.ok(!stage.server.output.includes(secretKey))
    })

    it('lets old and new readers fetch what is pushed now', async () => {
      await stage.owner.cachixOk(['push', stage.cache, later])
      await fetches(oldReader, later)
      await fetches(await stage.addConfiguredReader(), later)
    })

    it('does not retire the old key while paths have no other signature', async () => {
      const refused = await stage.owner.cachix(['key', 'retire', stage.cache, keyName(stage, 1)])
      assert.equal(refused.status, 1)
      assert.match(refused.output, /3 paths .*cachix key sign/)
    })

    it('signs what is there with the new key, once', async () => {
      const signed = await stage.owner.cachix(['key', 'sign', stage.cache])
      assert.equal(signed.status, 0, signed.output)
      assert.match(signed.output, new RegExp(`${keyName(stage, 2)}: signed 3, 0 not trusted`))
      const again = await stage.owner.cachix(['key', 'sign', stage.cache])
      assert.match(again.output, new RegExp(`${keyName(stage, 2)}: signed 0, 0 not trusted`))
      await fetches(oldReader, top)
    })

    it('retires the old key: who uses the cache now trusts the new one only, and can fetch all', async () => {
      await stage.owner.cachixOk(['key', 'retire', stage.cache, keyName(stage, 1)])
      const list = await stage.owner.cachixOk(['key', 'list', stage.cache])
      assert.match(list, new RegExp(`${keyName(stage, 1)}:.*\n  retired`))
      assert.match(list, new RegExp(`${keyName(stage, 2)}:.*\n  active.*has signed every path`))
      const newReader = await stage.addConfiguredReader()
      const configuration = readFileSync(join(newReader.home, '.config/nix/nix.conf'), 'utf8')
      assert.ok(!configuration.includes(keyName(stage, 1)))
      await fetches(newReader, top)
      await fetches(newReader, later)
      await oldReader.cachixOk(['use', stage.cache, '--mode', 'user-nixconf'])
      assert.ok(
        !readFileSync(join(oldReader.home, '.config/nix/nix.conf'), 'utf8').includes(keyName(stage, 1)),
      )
      await fetches(oldReader, top)
    })

    it('pushes with the new key alone', async () => {
      const other = await build(stage.owner, 'other')
      await stage.owner.cachixOk(['push', stage.cache, other])
      await fetches(oldReader, other)
      const response = await fetch(`${stage.server.pathUrl(stage.cache)}/${other.slice(11, 43)}.narinfo`)
      const names = [...(await response.text()).matchAll(/^Sig: ([^:]*)/gm)].map(([, name]) => name)
      assert.deepEqual(names, [keyName(stage, 2)])
    })
  })
}
