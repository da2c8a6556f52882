import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { runtime } from '../harness/runtime.ts'
import { MeddlingProxy, type Exchange } from '../harness/meddling-proxy.ts'
import { oldestAndNewestNix } from '../harness/nix-versions.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes } from '../harness/store-paths.ts'

const cutAt = 3_000_000

for (const nix of oldestAndNewestNix) {
  describe(`connections are cut, Nix ${nix.version}, ${runtime}`, () => {
    let stage: Stage
    let big: string

    before(async () => {
      stage = await Stage.set(nix)
      big = await build(stage.owner, 'big')
    })
    after(() => stage[Symbol.asyncDispose]())

    it('while pushing: the push tries again and succeeds', async () => {
      const cut = cutOnce((exchange) => exchange.method === 'POST' && exchange.path.endsWith('/bundles'))
      await using proxy = await MeddlingProxy.start(stage.server.port, { upload: cut.hook })
      const pushed = await stage.owner.cachix(['push', stage.cache, big], {
        environment: { CACHIX_HOST: proxy.url },
      })
      assert.equal(pushed.status, 0, pushed.output)
      assert.equal(cut.done(), true)
    })

    it('while fetching: Nix goes on where it was cut', async () => {
      const reader = await stage.addConfiguredReader()
      const cut = cutOnce((exchange) => exchange.path.includes('/nar/'))
      await using proxy = await MeddlingProxy.start(stage.server.port, { download: cut.hook })
      await reader.runOk(['nix', 'copy', '--from', `${proxy.url}/${stage.cache}`, big])
      assert.equal(cut.done(), true)
      const resumed = proxy.exchanges.filter(({ path }) => path.includes('/nar/')).slice(1)
      assert.deepEqual(
        resumed.map(({ status }) => status),
        [206],
      )
      assert.match(resumed[0]?.range ?? '', /^bytes=[1-9]\d*-$/)
      await checkWhole(reader, await closureHashes(stage.owner, big))
    })
  })
}

/** A hook that cuts the first matching body midway. */
function cutOnce(matches: (exchange: Exchange) => boolean): {
  hook: (exchange: Exchange, sent: number) => void
  done: () => boolean
} {
  let done = false
  return {
    hook: (exchange, sent) => {
      if (done || sent < cutAt || !matches(exchange)) return
      done = true
      throw new Error('cut')
    },
    done: () => done,
  }
}
