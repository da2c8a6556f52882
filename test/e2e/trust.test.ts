import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { runtime } from '../harness/runtime.ts'
import { oldestAndNewestNix } from '../harness/nix-versions.ts'
import type { NixWorld } from '../harness/nix-world.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes } from '../harness/store-paths.ts'

for (const nix of oldestAndNewestNix) {
  describe(`Nix ${nix.version} takes only what it trusts, ${runtime}`, () => {
    let stage: Stage
    let reader: NixWorld
    let top: string

    before(async () => {
      stage = await Stage.set(nix)
      reader = stage.addReader()
      top = await build(stage.owner, 'top')
      await stage.owner.cachixOk(['push', stage.cache, top])
    })
    after(() => stage[Symbol.asyncDispose]())

    async function copyTrusting(key: string): Promise<{ status: unknown; output: string }> {
      reader.wipe()
      const url = stage.server.pathUrl(stage.cache)
      return reader.run(['nix', 'copy', '--from', url, top, '--option', 'trusted-public-keys', key])
    }

    it('copies with the key of the cache', async () => {
      const copied = await copyTrusting(await publicKey(stage))
      assert.equal(copied.status, 0, copied.output)
    })

    it('refuses without a key', async () => {
      const copied = await copyTrusting('')
      assert.notEqual(copied.status, 0)
      assert.match(copied.output, /lacks a (valid )?signature/)
    })

    it('refuses with another key of the same name', async () => {
      const name = (await publicKey(stage)).split(':', 1)[0]!
      const files = ['other.secret', 'other.public']
      await reader.runOk(['nix-store', '--generate-binary-cache-key', name, ...files])
      const copied = await copyTrusting(await reader.runOk(['cat', 'other.public']))
      assert.notEqual(copied.status, 0)
      assert.match(copied.output, /lacks a (valid )?signature/)
    })

    it('trusts what the service signed with a key it manages', async () => {
      await stage.owner.cachixOk(['create', 'managed', '--managed-key'])
      await stage.owner.cachixOk(['push', 'managed', top])
      const user = stage.addReader()
      await user.cachixOk(['use', 'managed', '--mode', 'user-nixconf'])
      await user.runOk(['nix-store', '--realise', top])
      await checkWhole(user, await closureHashes(stage.owner, top))
    })
  })
}

async function publicKey(stage: Stage): Promise<string> {
  const response = await fetch(`${stage.server.url}/api/v1/cache/${stage.cache}`)
  const { publicSigningKeys } = (await response.json()) as { publicSigningKeys: string[] }
  return publicSigningKeys[0]!
}
