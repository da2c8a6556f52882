import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import type { PathsCreate } from '@cachix/api'
import { runtime } from '../harness/runtime.ts'
import { MeddlingProxy } from '../harness/meddling-proxy.ts'
import { anyNix } from '../harness/nix-versions.ts'
import type { Finished } from '../harness/run.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes, storeHash } from '../harness/store-paths.ts'

/** One for each path. */
const smallBundles = ['--bundle-size', '2']
/** The server is struck while this upload of the push is half through. */
const struckUpload = 8

describe(`the server ends in the middle of a push, ${runtime}`, () => {
  let stage: Stage
  const proxies = new AsyncDisposableStack()

  before(async () => {
    stage = await Stage.set(anyNix)
  })
  after(async () => {
    await proxies.disposeAsync()
    await stage[Symbol.asyncDispose]()
  })

  for (const [signal, attribute] of [
    ['SIGTERM', 'many'],
    ['SIGKILL', 'more'],
  ] as const) {
    it(`${signal}: what was acknowledged is served after the next start, and the push can be completed`, async () => {
      const cache = signal.toLowerCase()
      await stage.owner.cachixOk(['create', cache])
      const path = await build(stage.owner, attribute)
      const strike = await startPushAndStrike(cache, path, signal)
      assert.equal(await stage.server.ended(), signal === 'SIGTERM' ? 0 : 'SIGKILL')
      // It would go on trying to reach the server for more than a minute.
      strike.push.kill('SIGINT')
      const pushed = await strike.finished
      assert.doesNotMatch(pushed.output, /\n\s+at /, 'no stack trace')

      await stage.server.restart()
      await assertCompleteClosures(cache, path, strike.acknowledged())
      await stage.owner.cachixOk(['push', cache, path])
      await assertWhole(cache, path)
    })
  }

  it('and starts again at once: the push goes on and succeeds', async () => {
    const cache = 'restarted'
    await stage.owner.cachixOk(['create', cache])
    const path = await build(stage.owner, 'most')
    const strike = await startPushAndStrike(cache, path, 'SIGKILL')
    await stage.server.ended()
    await stage.server.restart()
    const pushed = await strike.finished
    assert.equal(pushed.status, 0, pushed.output)
    await assertWhole(cache, path)
  })

  interface Strike {
    readonly push: ChildProcess
    readonly finished: Promise<Finished>
    /** Store hashes of the paths whose publication the server has answered with success. */
    readonly acknowledged: () => readonly string[]
  }

  /** Pushes through a proxy, which sends the server a signal in the middle. Resolves when it has. */
  async function startPushAndStrike(cache: string, path: string, signal: NodeJS.Signals): Promise<Strike> {
    const struck = Promise.withResolvers<void>()
    let uploads = 0
    const seen = new Set<object>()
    const proxy = await MeddlingProxy.start(stage.server.port, {
      upload: (exchange, sent) => {
        if (!exchange.path.endsWith('/bundles') || sent < 400_000 || seen.has(exchange)) return
        seen.add(exchange)
        uploads += 1
        if (uploads !== struckUpload) return
        stage.server.kill(signal)
        struck.resolve()
      },
    })
    let push: ChildProcess | undefined
    const finished = stage.owner.cachix(['push', cache, path, ...smallBundles], {
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
        .filter(({ path, status }) => path.endsWith('/paths') && status === 200)
        .flatMap(({ body }) => (JSON.parse(Buffer.concat(body).toString()) as PathsCreate).paths)
        .map(({ storePath }) => storeHash(`/nix/store/${storePath}`))
    return { push, finished, acknowledged }
  }

  async function assertWhole(cache: string, path: string): Promise<void> {
    const reader = stage.addReader()
    await reader.cachixOk(['use', cache, '--mode', 'user-nixconf'])
    await reader.runOk(['nix-store', '--realise', path])
    await checkWhole(reader, await closureHashes(stage.owner, path))
  }

  /** Fetches all that is visible with a real client; what was acknowledged has to be among it. */
  async function assertCompleteClosures(
    cache: string,
    path: string,
    acknowledged: readonly string[],
  ): Promise<void> {
    const hashes = await closureHashes(stage.owner, path)
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
