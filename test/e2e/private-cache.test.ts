import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runtime } from '../harness/runtime.ts'
import { oldestAndNewestNix } from '../harness/nix-versions.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes, storeHash } from '../harness/store-paths.ts'

for (const nix of oldestAndNewestNix) {
  describe(`a private cache, Nix ${nix.version}, ${runtime}`, () => {
    let stage: Stage
    let top: string

    before(async () => {
      stage = await Stage.set(nix, { create: ['--private'] })
      top = await build(stage.owner, 'top')
      await stage.owner.cachixOk(['push', stage.cache, top])
    })
    after(() => stage[Symbol.asyncDispose]())

    it('answers a stranger as if it did not exist', async () => {
      for (const page of ['nix-cache-info', `${storeHash(top)}.narinfo`]) {
        const [there, absent] = await Promise.all(
          [stage.cache, 'nosuch'].map(async (name) => {
            const response = await fetch(`${stage.server.pathUrl(name)}/${page}`)
            const body = (await response.text()).replaceAll(name, 'NAME')
            return { status: response.status, body, challenge: response.headers.get('www-authenticate') }
          }),
        )
        assert.deepEqual(there, absent)
        assert.equal(there?.status, 401)
      }
    })

    it('tells a stranger who wants to use it that a token is needed', async () => {
      const used = await stage.addReader().cachix(['use', stage.cache, '--mode', 'user-nixconf'])
      assert.equal(used.status, 1)
      assert.match(used.output, /token/)
      assert.doesNotMatch(used.output, /\n\s+at /)
    })

    it('is not fetched from without the token', async () => {
      const reader = stage.addReader()
      const url = stage.server.pathUrl(stage.cache)
      assert.notEqual((await reader.run(['nix', 'copy', '--from', url, top])).status, 0)
    })

    it('is fetched from with the token that `cachix use` put into netrc', async () => {
      const reader = stage.addReader()
      await reader.cachixOk(['authtoken', stage.server.ownerToken])
      await reader.cachixOk(['use', stage.cache, '--mode', 'user-nixconf'])
      assert.equal(statSync(join(reader.home, '.config/nix/netrc')).mode & 0o077, 0)
      await reader.runOk(['nix-store', '--realise', top])
      await checkWhole(reader, await closureHashes(stage.owner, top))
    })
  })
}
