import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { runtime } from '../harness/runtime.ts'
import { MeddlingProxy } from '../harness/meddling-proxy.ts'
import { anyNix } from '../harness/nix-versions.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes } from '../harness/store-paths.ts'

describe(`pushing more than once, or nothing at all, ${runtime}`, () => {
  let stage: Stage
  let top: string

  before(async () => {
    stage = await Stage.set(anyNix)
    top = await build(stage.owner, 'top')
  })
  after(() => stage[Symbol.asyncDispose]())

  it('sends nothing and says that everything is there already', async () => {
    await stage.owner.cachixOk(['push', stage.cache, top])
    await using proxy = await MeddlingProxy.start(stage.server.port, {})
    const pushed = await stage.owner.cachix(['push', stage.cache, top], {
      environment: { CACHIX_HOST: proxy.url },
    })
    assert.equal(pushed.status, 0, pushed.output)
    assert.match(pushed.output, /already/)
    const uploads = proxy.exchanges.filter(
      ({ method, path }) => method === 'POST' && /\/(chunks\/missing|bundles|paths)$/.test(path),
    )
    assert.deepEqual(uploads, [])
  })

  it('takes two pushes of the same path at once', async () => {
    const big = await build(stage.owner, 'big')
    const pushes = await Promise.all([1, 2].map(() => stage.owner.cachix(['push', stage.cache, big])))
    for (const pushed of pushes) assert.equal(pushed.status, 0, pushed.output)
    const reader = await stage.addConfiguredReader()
    await reader.runOk(['nix-store', '--realise', big])
    await checkWhole(reader, await closureHashes(stage.owner, big))
  })

  it('fails when standard input is empty, unless that is allowed', async () => {
    const pushed = await stage.owner.cachix(['push', stage.cache], { input: '' })
    assert.equal(pushed.status, 1, pushed.output)
    const allowed = await stage.owner.cachix(['push', stage.cache, '--allow-empty'], { input: '' })
    assert.equal(allowed.status, 0, allowed.output)
  })

  it('fails when no path given is a valid store path, and names it', async () => {
    const nowhere = `/nix/store/${'0'.repeat(32)}-nowhere`
    const pushed = await stage.owner.cachix(['push', stage.cache, nowhere])
    assert.equal(pushed.status, 1, pushed.output)
    assert.ok(pushed.output.includes(nowhere), pushed.output)
  })

  it('fails before sending a byte when the token is wrong', async () => {
    await using proxy = await MeddlingProxy.start(stage.server.port, {})
    const pushed = await stage.owner.cachix(['push', stage.cache, await build(stage.owner, 'small')], {
      environment: { CACHIX_HOST: proxy.url, CACHIX_AUTH_TOKEN: 'wrong' },
    })
    assert.equal(pushed.status, 1, pushed.output)
    assert.match(pushed.output, /token/)
    assert.deepEqual(
      proxy.exchanges.filter(({ path }) => path.endsWith('/bundles')),
      [],
    )
  })
})
