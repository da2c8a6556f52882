import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { anyNix } from '../harness/nix-versions.ts'
import type { NixWorld } from '../harness/nix-world.ts'
import { runtime } from '../harness/runtime.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes, storeHash } from '../harness/store-paths.ts'

/** Two caches of one service: `upstream` has what `top` needs, the stage's own has the rest. */
describe(`what an upstream has is not stored again, Nix ${anyNix.version}, ${runtime}`, () => {
  let stage: Stage
  let builder: NixWorld
  let top: string
  let middle: string
  let upstreamKey: string

  before(async () => {
    stage = await Stage.set(anyNix)
    await stage.owner.cachixOk(['create', 'upstream'])
    top = await build(stage.owner, 'top')
    middle = (await stage.owner.runOk(['nix-store', '--query', '--references', top])).trim()
    await stage.owner.cachixOk(['push', 'upstream', middle])
    const described = await fetch(`${stage.server.url}/api/v1/cache/upstream`)
    upstreamKey = ((await described.json()) as { publicSigningKeys: string[] }).publicSigningKeys[0]!
    // A machine that has fetched the upstream's paths with their signatures, and built the rest itself.
    builder = stage.owner
    builder.wipe()
    const url = stage.server.pathUrl('upstream')
    const options = ['--option', 'trusted-public-keys', upstreamKey, '--option', 'substituters', url]
    await builder.runOk(['nix-store', '--realise', middle, ...options])
    assert.equal(await build(builder, 'top'), top)
  })
  after(() => stage[Symbol.asyncDispose]())

  async function isStored(path: string): Promise<boolean> {
    return (await fetch(`${stage.server.pathUrl(stage.cache)}/${storeHash(path)}.narinfo`)).ok
  }

  it('lists cache.nixos.org by default, and takes others', async () => {
    const url = stage.server.pathUrl('upstream')
    await builder.cachixOk(['upstream', 'add', stage.cache, url, upstreamKey])
    const list = await builder.cachixOk(['upstream', 'list', stage.cache])
    assert.match(list, /^https:\/\/cache\.nixos\.org\n {2}cache\.nixos\.org-1:/)
    assert.ok(list.includes(`${url}\n  ${upstreamKey}`))
  })

  it('pushes the rest and says what it left out', async () => {
    const pushed = await builder.cachix(['push', stage.cache, top])
    assert.equal(pushed.status, 0, pushed.output)
    assert.match(
      pushed.output,
      /Pushed 1 path .*, 0 already there, 2 already in upstream localhost:\d+, 0 skipped/,
    )
    assert.deepEqual([await isStored(top), await isStored(middle)], [true, false])
    const again = await builder.cachix(['push', stage.cache, top])
    assert.match(again.output, /Pushed 0 paths .*, 1 already there, 2 already in upstream/)
  })

  it('is fetched by a reader that uses both', async () => {
    const reader = await stage.addConfiguredReader()
    await reader.cachixOk(['use', 'upstream', '--mode', 'user-nixconf'])
    await reader.runOk(['nix-store', '--realise', top])
    await checkWhole(reader, await closureHashes(builder, top))
  })

  it('tells who uses the cache that it needs the upstream', async () => {
    const reader = stage.addReader()
    const used = await reader.cachix(['use', stage.cache, '--mode', 'user-nixconf'])
    assert.equal(used.status, 0, used.output)
    assert.ok(used.output.includes(stage.server.pathUrl('upstream')), used.output)
    assert.ok(!used.output.includes('cache.nixos.org'))
    const configuration = readFileSync(join(reader.home, '.config/nix/nix.conf'), 'utf8')
    assert.ok(!configuration.includes(upstreamKey), 'nobody is trusted without being asked for')
  })

  it('keeps the upstream while the cache counts on it, until all is stored', async () => {
    const url = stage.server.pathUrl('upstream')
    const refused = await builder.cachix(['upstream', 'remove', stage.cache, url])
    assert.equal(refused.status, 1)
    assert.match(refused.output, /--include-upstream/)
    await builder.cachixOk(['push', stage.cache, top, '--include-upstream'])
    assert.equal(await isStored(middle), true)
    await builder.cachixOk(['upstream', 'remove', stage.cache, url])
    const reader = await stage.addConfiguredReader()
    await reader.runOk(['nix-store', '--realise', top])
    await checkWhole(reader, await closureHashes(builder, top))
  })
})
