import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { MeddlingProxy, type Meddling } from '../harness/meddling-proxy.ts'
import { anyNix } from '../harness/nix-versions.ts'
import type { RunOptions } from '../harness/run.ts'
import { repository, runtime } from '../harness/runtime.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes } from '../harness/store-paths.ts'

describe(`a closure is rebuilt with other store hashes, ${runtime}`, () => {
  let stage: Stage
  let first: string
  let firstSent: number

  before(async () => {
    stage = await Stage.set(anyNix)
    first = await buildGeneration('one')
  })
  after(() => stage[Symbol.asyncDispose]())

  function buildGeneration(generation: string): Promise<string> {
    const file = `${repository}/test/harness/rebuilds.nix`
    return stage.owner.runOk(['nix-build', file, '--argstr', 'generation', generation, '--no-out-link'])
  }

  interface Push {
    readonly output: string
    readonly status: number | NodeJS.Signals
    /** Bytes of the bodies of each kind of request, by the last part of its address. */
    readonly sent: ReadonlyMap<string, readonly number[]>
  }

  async function push(
    path: string,
    { meddling = {}, options = [], ...run }: PushOptions = {},
  ): Promise<Push> {
    await using proxy = await MeddlingProxy.start(stage.server.port, meddling)
    const { status, output } = await stage.owner.cachix(['push', stage.cache, path, ...options], {
      environment: { CACHIX_HOST: proxy.url },
      ...run,
    })
    const bodies = proxy.exchanges.map(({ path, body }) => {
      return { kind: path.slice(path.lastIndexOf('/') + 1), size: Buffer.concat(body).length }
    })
    const kinds = Map.groupBy(bodies, ({ kind }) => kind)
    const sent = new Map(Array.from(kinds, ([kind, list]) => [kind, list.map(({ size }) => size)]))
    return { status, output, sent }
  }

  interface PushOptions extends RunOptions {
    readonly meddling?: Meddling
    readonly options?: readonly string[]
  }

  async function assertServed(path: string): Promise<void> {
    const reader = await stage.addConfiguredReader()
    await reader.runOk(['nix-store', '--realise', path])
    await checkWhole(reader, await closureHashes(stage.owner, path))
  }

  it('what a killed push has sent is not sent again', async () => {
    let pushing: ChildProcess | undefined
    let bundles = 0
    const killed = await push(first, {
      options: ['--bundle-size', '4'],
      meddling: {
        download: ({ path }) => {
          if (path.endsWith('/bundles') && ++bundles === 3) pushing?.kill('SIGKILL')
        },
      },
      started: (child) => {
        pushing = child
      },
    })
    assert.equal(killed.status, 'SIGKILL')
    const pushed = await push(first)
    assert.equal(pushed.status, 0, pushed.output)
    const all = 20 * 1_400_000 + 1_500_000
    assert.ok(total(pushed) < all - 2 * 1_400_000, `${total(pushed)} bytes were sent again`)
    firstSent = all
    await assertServed(first)
  })

  it('hardly anything is sent, and all of it is served', async () => {
    const second = await buildGeneration('two')
    assert.notEqual(second, first)
    const pushed = await push(second)
    assert.equal(pushed.status, 0, pushed.output)
    assert.match(pushed.output, /^Pushed 22 paths \(\d+ B uploaded\)/m)
    assert.ok(total(pushed) < firstSent / 1000, `${total(pushed)} of ${firstSent} bytes were sent`)
    assert.equal(pushed.sent.get('bundles'), undefined)
    await assertServed(second)
  })

  it('no request is larger than what proxies take', async () => {
    const huge = await build(stage.owner, 'huge')
    const limit = 32_000_000
    const pushed = await push(huge, { meddling: { upload: (_, sent) => assert.ok(sent <= limit) } })
    assert.equal(pushed.status, 0, pushed.output)
    assert.ok(pushed.sent.get('bundles')?.some((size) => size > limit / 8))
  })
})

function total({ sent }: { readonly sent: ReadonlyMap<string, readonly number[]> }): number {
  return [...sent.values()].flat().reduce((sum, size) => sum + size, 0)
}
