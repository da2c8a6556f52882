import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { runtime } from '../harness/runtime.ts'
import { nixVersions } from '../harness/nix-versions.ts'
import type { NixWorld } from '../harness/nix-world.ts'
import { PlainNix } from '../harness/plain-nix.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes, storeHash } from '../harness/store-paths.ts'

/** What Nix writes by itself, everywhere. */
const compressions = ['xz', 'zstd', 'none', 'gzip', 'bzip2', 'br', 'lz4', 'lzip', 'lzma', 'compress']

for (const [index, nix] of nixVersions.entries()) {
  describe(`nix copy --to, Nix ${nix.version}, ${runtime}`, () => {
    let stage: Stage
    let plain: PlainNix
    /** Another version reads what this one writes. */
    let reader: NixWorld

    before(async () => {
      stage = await Stage.set(nix)
      plain = new PlainNix(stage)
      reader = await stage.addConfiguredReader(nixVersions[(index + 1) % nixVersions.length])
    })
    after(() => stage[Symbol.asyncDispose]())

    async function assertFetched(path: string): Promise<void> {
      reader.wipe()
      await reader.runOk(['nix-store', '--realise', path])
      await checkWhole(reader, await closureHashes(plain.world, path))
    }

    it('a closure is pushed, and fetched by another version, signatures required', async () => {
      const top = await build(plain.world, 'top')
      await plain.push([top])
      await assertFetched(top)
    })

    it('six megabytes are pushed and fetched', { skip: index > 0 }, async () => {
      const big = await build(plain.world, 'big')
      await plain.push([big])
      await assertFetched(big)
    })

    for (const compression of compressions) {
      it(`compression=${compression}`, async () => {
        const path = await plain.build(`by-${compression}`)
        await plain.push([path], `&compression=${compression}`)
        await assertFetched(path)
      })
    }

    it('pushing again sends nothing, from a client that remembers nothing too', async () => {
      const path = await plain.build('again')
      await plain.push([path])
      await plain.world.runOk(['rm', '-rf', '.cache'])
      const again = await plain.run(['copy', '--to', plain.url, path])
      assert.equal(again.status, 0)
      assert.doesNotMatch(again.output, /copying path/)
    })

    it('a token that is missing or wrong is refused, with a sentence', async () => {
      const path = await plain.build('refused')
      const anonymous = await plain.world.run(['nix', 'copy', '--to', plain.url, path])
      assert.notEqual(anonymous.status, 0)
      assert.match(anonymous.output, /401/)
      plain.writeNetrc('nonsense')
      const wrong = await plain.run(['copy', '--to', plain.url, path])
      plain.writeNetrc(stage.server.ownerToken)
      assert.notEqual(wrong.status, 0)
      assert.match(wrong.output, /401/)
      assert.equal(
        (await fetch(`${stage.server.pathUrl(stage.cache)}/${storeHash(path)}.narinfo`)).status,
        404,
      )
    })
  })
}
