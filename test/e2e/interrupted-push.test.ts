import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { runtime } from '../harness/runtime.ts'
import { MeddlingProxy } from '../harness/meddling-proxy.ts'
import { anyNix } from '../harness/nix-versions.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes } from '../harness/store-paths.ts'

describe(`a push is interrupted, ${runtime}`, () => {
  let stage: Stage
  let many: string

  before(async () => {
    stage = await Stage.set(anyNix)
    many = await build(stage.owner, 'many')
  })
  after(() => stage[Symbol.asyncDispose]())

  it('ends at once, without a stack trace', async () => {
    let pushing: ChildProcess | undefined
    let uploaded = 0
    await using proxy = await MeddlingProxy.start(stage.server.port, {
      upload: (exchange) => {
        if (!exchange.path.endsWith('/bundles')) return
        uploaded += 1
        if (uploaded === 20) pushing?.kill('SIGINT')
      },
    })
    const pushed = await stage.owner.cachix(['push', stage.cache, many, '--bundle-size', '2'], {
      environment: { CACHIX_HOST: proxy.url },
      timeout: 20_000,
      started: (child) => {
        pushing = child
      },
    })
    assert.equal(pushed.status, 130, pushed.output)
    assert.match(pushed.output, /[Ii]nterrupted/)
    assert.doesNotMatch(pushed.output, /\n\s+at /)
  })

  it('is completed by pushing again', async () => {
    await stage.owner.cachixOk(['push', stage.cache, many])
    const reader = await stage.addConfiguredReader()
    await reader.runOk(['nix-store', '--realise', many])
    await checkWhole(reader, await closureHashes(stage.owner, many))
  })
})
