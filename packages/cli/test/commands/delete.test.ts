import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cache, localCachix, ownerToken } from '../local-cachix.ts'
import { runCli } from '../run-cli.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

async function withCache() {
  const service = await localCachix()
  const directory = await temporaryDirectory()
  service.caches.set('mycache', cache('mycache'))
  const environment = {
    XDG_CONFIG_HOME: directory.path,
    CACHIX_HOST: service.host,
    CACHIX_AUTH_TOKEN: ownerToken,
  }
  return {
    service,
    environment,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
}

describe('cachix delete', () => {
  it('deletes when the name is typed', async () => {
    await using stage = await withCache()
    const { status, stdout, stderr } = await runCli(['delete', 'mycache'], stage.environment, {
      typed: 'mycache\n',
    })
    assert.equal(status, 0, stderr)
    assert.match(stderr, /deletes https:\/\/mycache\.cachix\.example with all .*cannot be undone/)
    assert.match(stdout, /^Deleted mycache\..*cachix remove mycache/)
    assert.ok(!stage.service.caches.has('mycache'))
  })

  it('deletes nothing when something else is typed, or nothing', async () => {
    await using stage = await withCache()
    for (const typed of ['', '\n', 'y\n', 'yes\n', 'mycach\n', 'other\nmycache\n']) {
      const { status, stderr } = await runCli(['delete', 'mycache'], stage.environment, { typed })
      assert.equal(status, 1)
      assert.match(stderr, /Nothing was deleted: that is not mycache\.\n$/)
    }
    assert.ok(!stage.service.asked.some((line) => line.startsWith('DELETE')))
  })

  it('asks nobody where nobody is, and wants --yes', async () => {
    await using stage = await withCache()
    const refused = await runCli(['delete', 'mycache'], stage.environment, 'mycache\n')
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, /^Nothing was deleted: there is nobody to ask\. Add --yes/)
    assert.ok(stage.service.caches.has('mycache'))
    assert.equal((await runCli(['delete', 'mycache', '--yes'], stage.environment)).status, 0)
    assert.ok(!stage.service.caches.has('mycache'))
  })

  it('says that there is no such cache before it asks, and needs a token', async () => {
    await using stage = await withCache()
    const absent = await runCli(['delete', 'absent'], stage.environment, { typed: 'absent\n' })
    assert.equal(absent.status, 1)
    assert.match(absent.stderr, /^There is no binary cache absent/)
    const anonymous = await runCli(['delete', 'mycache', '--yes'], {
      ...stage.environment,
      CACHIX_AUTH_TOKEN: '',
    })
    assert.equal(anonymous.status, 1)
    assert.ok(stage.service.caches.has('mycache'))
  })
})
