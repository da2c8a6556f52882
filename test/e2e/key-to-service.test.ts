import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { anyNix, oldestAndNewestNix } from '../harness/nix-versions.ts'
import { runtime } from '../harness/runtime.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes } from '../harness/store-paths.ts'

describe(`signing is left to the service from now on, ${runtime}`, () => {
  let stage: Stage
  let top: string
  let later: string
  const holders = 'stage.localhost-1'
  const services = 'stage.localhost-2'

  before(async () => {
    stage = await Stage.set(anyNix)
    top = await build(stage.owner, 'top')
    await stage.owner.cachixOk(['push', stage.cache, top])
  })
  after(() => stage[Symbol.asyncDispose]())

  it('with a key that it makes, and signs with what is there already', async () => {
    const { owner, cache } = stage
    assert.match(await owner.cachixOk(['key', 'add', cache, '--managed']), /The service keeps it/)
    const signed = await owner.cachix(['key', 'sign', cache])
    assert.equal(signed.status, 0, signed.output)
    assert.match(signed.output, new RegExp(`${services}: signed 3, 0 not trusted`))
    await owner.cachixOk(['key', 'retire', cache, holders])
    const list = await owner.cachixOk(['key', 'list', cache])
    assert.match(list, new RegExp(`${holders}:.*\n  retired`))
  })

  it('so that a token alone is enough to push', async () => {
    const pusher = stage.addReader()
    const made = ['token', 'create', '--cache', stage.cache, '--permission', 'write']
    const [token = ''] = /cxw_\S+/.exec(await stage.owner.cachixOk(made)) ?? []
    later = await build(stage.owner, 'word')
    assert.equal(await build(pusher, 'word'), later)
    const environment = { CACHIX_AUTH_TOKEN: token }
    await pusher.cachixOk(['push', stage.cache, later], { environment })
  })

  for (const nix of oldestAndNewestNix) {
    it(`and Nix ${nix.version}, which trusts that key alone, fetches what was pushed before and after`, async () => {
      const reader = await stage.addConfiguredReader(nix)
      const settings = await reader.runOk(['cat', `${reader.home}/.config/nix/nix.conf`])
      assert.ok(settings.includes(services) && !settings.includes(holders), settings)
      for (const path of [top, later]) {
        await reader.runOk(['nix-store', '--realise', path])
        await checkWhole(reader, await closureHashes(stage.owner, path))
      }
    })
  }
})
