import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
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
  const proxies = new AsyncDisposableStack()

  before(async () => {
    stage = await Stage.set(anyNix)
    many = await build(stage.owner, 'many')
    hashes = await closureHashes(stage.owner, many)
  })
  after(async () => {
    await proxies.disposeAsync()
    await stage[Symbol.asyncDispose]()
  })

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`${signal}: what was acknowledged is served after the next start, and the push can be completed`, async () => {
      const cache = signal.toLowerCase()
      await stage.owner.cachixOk(['create', cache])
      const strike = await startPushAndStrike(cache, signal)
      assert.equal(await stage.server.ended(), signal === 'SIGTERM' ? 0 : 'SIGKILL')
      // It would go on trying to reach the server for more than a minute.
      strike.push.kill('SIGINT')
      const pushed = await strike.finished
      assert.doesNotMatch(pushed.output, /\n\s+at /, 'no stack trace')

      await stage.server.restart()
      await assertCompleteClosures(cache, strike.acknowledged())
      await stage.owner.cachixOk(['push', cache, many])
      await assertWhole(cache)
    })
  }

  it('and starts again at once: the push goes on and succeeds', async () => {
    const cache = 'restarted'
    await stage.owner.cachixOk(['create', cache])
    const strike = await startPushAndStrike(cache, 'SIGKILL')
    await stage.server.ended()
    await stage.server.restart()
    const pushed = await strike.finished
    assert.equal(pushed.status, 0, pushed.output)
    await assertWhole(cache)
  })

  interface Strike {
    readonly push: ChildProcess
    readonly finished: Promise<Finished>
    /** Store hashes of the paths whose publication the server has answered with success. */
    readonly acknowledged: () => readonly string[]
  }

  /** Pushes through a proxy, which sends the server a signal in the middle. Resolves when it has. */
  async function startPushAndStrike(cache: string, signal: NodeJS.Signals): Promise<Strike> {
    const struck = Promise.withResolvers<void>()
    let uploads = 0
    const seen = new Set<object>()
    const proxy = await MeddlingProxy.start(stage.server.port, {
      upload: (exchange, sent) => {
        if (!exchange.path.includes('/nar?') || sent < 400_000 || seen.has(exchange)) return
        seen.add(exchange)
        uploads += 1
        if (uploads !== struckUpload) return
        stage.server.kill(signal)
        struck.resolve()
      },
    })
    let push: ChildProcess | undefined
    const finished = stage.owner.cachix(['push', cache, many], {
      environment: { CACHIX_HOST: proxy.url },
      started: (child) => {
        push = child
      },
    })
    proxies.defer(() => proxy[Symbol.asyncDispose]())
    await Promise.race([struck.promise, finished])
    assert.ok(push !== undefined && uploads >= struckUpload, `the push ended after ${uploads} uploads`)
    const acknowledged = (): readonly string[] =>
      proxy.exchanges
        .filter(
          ({ method, path, status }) => method === 'POST' && path.endsWith('.narinfo') && status === 200,
        )
        .map(({ path }) => path.slice(path.lastIndexOf('/') + 1, -'.narinfo'.length))
    return { push, finished, acknowledged }
  }

  async function assertWhole(cache: string): Promise<void> {
    const reader = stage.addReader()
    await reader.cachixOk(['use', cache, '--mode', 'user-nixconf'])
    await reader.runOk(['nix-store', '--realise', many])
    await checkWhole(reader, hashes)
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
