import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { anyNix } from '../harness/nix-versions.ts'
import { runtime } from '../harness/runtime.ts'
import { Stage } from '../harness/stage.ts'
import { build, storeHash } from '../harness/store-paths.ts'

describe(`a cache is deleted, ${runtime}`, () => {
  let stage: Stage
  before(async () => {
    stage = await Stage.set(anyNix)
  })
  after(() => stage[Symbol.asyncDispose]())

  it('with --yes alone where nobody can be asked, and by its administrators alone', async () => {
    const { owner, cache } = stage
    const made = ['token', 'create', '--cache', cache, '--permission', 'write']
    const [token = ''] = /cxw_\S+/.exec(await owner.cachixOk(made)) ?? []
    const environment = { CACHIX_AUTH_TOKEN: token }
    assert.equal((await owner.cachix(['delete', cache, '--yes'], { environment })).status, 1)
    assert.equal((await owner.cachix(['delete', cache])).status, 1)
    await owner.cachixOk(['push', cache, await build(owner, 'small')])
  })

  it('for good: nothing of it is served, its tokens are nobody, and its name is free', async () => {
    const { owner, server, cache } = stage
    const path = await build(owner, 'small')
    const narinfo = `${server.pathUrl(cache)}/${storeHash(path)}.narinfo`
    assert.equal((await fetch(narinfo)).status, 200)
    assert.match(await owner.cachixOk(['delete', cache, '--yes']), /^Deleted stage/)
    assert.notEqual((await fetch(narinfo)).status, 200)
    assert.equal((await owner.cachix(['delete', cache, '--yes'])).status, 1)
    await owner.cachixOk(['create', cache])
    assert.equal((await fetch(narinfo)).status, 404)
    await owner.cachixOk(['push', cache, path])
    assert.equal((await fetch(narinfo)).status, 200)
  })
})
