import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { runtime } from '../harness/runtime.ts'
import { oldestAndNewestNix } from '../harness/nix-versions.ts'
import { Stage } from '../harness/stage.ts'
import { build, storeHash } from '../harness/store-paths.ts'

for (const nix of oldestAndNewestNix) {
  describe(`a store path is damaged on the machine that pushes, Nix ${nix.version}, ${runtime}`, () => {
    let stage: Stage
    let big: string
    let other: string

    before(async () => {
      stage = await Stage.set(nix)
      big = await build(stage.owner, 'big')
      other = await build(stage.owner, 'word')
      const overwrite = 'f=$(find "$0" -type f | head -1); chmod u+w "$f"; printf x | dd of="$f" conv=notrunc'
      await stage.owner.runOk(['sh', '-c', overwrite, big])
    })
    after(() => stage[Symbol.asyncDispose]())

    it('one overwritten byte: it is not published, the push says what is damaged and how to mend it', async () => {
      const { status, output } = await stage.owner.cachix(['push', stage.cache, big, other])
      assert.notEqual(status, 0)
      assert.match(output, /-big is damaged on this machine: its NAR hash is sha256:/)
      assert.match(output, /nix-store --repair-path/)
      const narinfo = `${stage.server.pathUrl(stage.cache)}/${storeHash(big)}.narinfo`
      assert.equal((await fetch(narinfo)).status, 404)
    })

    it('what else was to be pushed is there', async () => {
      const narinfo = `${stage.server.pathUrl(stage.cache)}/${storeHash(other)}.narinfo`
      assert.equal((await fetch(narinfo)).status, 200)
    })
  })
}
