import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { runtime } from '../harness/runtime.ts'
import { MeddlingProxy } from '../harness/meddling-proxy.ts'
import { anyNix } from '../harness/nix-versions.ts'
import type { Finished } from '../harness/run.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes, storeHash, type NarHashes } from '../harness/store-paths.ts'

/** The server is struck while this upload of the push is half through. */
const struckUpload = 8

describe(`the server ends in the middle of a push, ${runtime}`, () => {
  let stage: Stage
  let many: string
  let hashes: NarHashes

  before(async () => {
    stage = await Stage.set(anyNix)
    many = await build(stage.owner, 'many')
    hashes = await closureHashes(stage.owner, many)
  })
  after(() => stage[Symbol.asyncDispose]())

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`${signal}: what was acknowledged is served after the next start, and the push can be completed`, async () => {
      const cache = signal.toLowerCase()
      await stage.owner.cachixOk(['create', cache])
      const { pushed, acknowledged } = await pushAndStrike(cache, signal)
      assert.equal(await stage.server.ended(), signal === 'SIGTERM' ? 0 : 'SIGKILL')
      assert.doesNotMatch(pushed.output, /\n\s+at /, 'no stack trace')

      await stage.server.restart()
      await assertCompleteClosures(cache, acknowledged)
      const again = await stage.owner.cachix(['push', cache, many])
      assert.equal(again.status, 0, again.output)
      const reader = stage.addReader()
      await reader.cachixOk(['use', cache, '--mode', 'user-nixconf'])
      await reader.runOk(['nix-store', '--realise', many])
      await checkWhole(reader, hashes)
    })
  }

  /** Pushes through a proxy, which knows what the server has acknowledged. */
  async function pushAndStrike(
    cache: string,
    signal: NodeJS.Signals,
  ): Promise<{ pushed: Finished; acknowledged: readonly string[] }> {
    let uploads = 0
    const seen = new Set<object>()
    await using proxy = await MeddlingProxy.start(stage.server.port, {
      upload: (exchange, sent) => {
        if (!exchange.path.includes('/nar?') || sent < 400_000 || seen.has(exchange)) return
        seen.add(exchange)
        uploads += 1
        if (uploads === struckUpload) stage.server.kill(signal)
      },
    })
    const pushed = await stage.owner.cachix(['push', cache, many], {
      environment: { CACHIX_HOST: proxy.url },
    })
    assert.ok(uploads >= struckUpload, `only ${uploads} uploads:\n${pushed.output}`)
    const acknowledged = proxy.exchanges
      .filter(({ method, path, status }) => method === 'POST' && path.endsWith('.narinfo') && status === 200)
      .map(({ path }) => path.slice(path.lastIndexOf('/') + 1, -'.narinfo'.length))
    return { pushed, acknowledged }
  }

  /** Fetches all that is visible with a real client; what was acknowledged has to be among it. */
  async function assertCompleteClosures(cache: string, acknowledged: readonly string[]): Promise<void> {
    const visible: string[] = []
    for (const path of hashes.keys()) {
      const response = await fetch(`${stage.server.pathUrl(cache)}/${storeHash(path)}.narinfo`)
      await response.arrayBuffer()
      if (response.status === 200) visible.push(path)
      else assert.equal(response.status, 404)
    }
    const visibleHashes = new Set(visible.map(storeHash))
    assert.deepEqual(
      acknowledged.filter((hash) => !visibleHashes.has(hash)),
      [],
    )
    if (visible.length === 0) return
    const reader = stage.addReader()
    await reader.cachixOk(['use', cache, '--mode', 'user-nixconf'])
    await reader.runOk(['nix', 'copy', '--from', stage.server.pathUrl(cache), ...visible])
    await checkWhole(reader, new Map([...hashes].filter(([path]) => visible.includes(path))))
  }
})
