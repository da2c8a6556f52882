import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ApiClient } from '../harness/api-client.ts'
import { CachixServer } from '../harness/cachix-server.ts'
import { makePath } from '../harness/made-path.ts'
import { run } from '../harness/run.ts'
import { cachix, runtime } from '../harness/runtime.ts'
import { TemporaryDirectory } from '../harness/temporary-directory.ts'

const cache = 'kept'

describe(`the service's own key is the operator's, ${runtime}`, () => {
  const directory = new TemporaryDirectory('service-key')
  const [first, second] = ['first', 'second'].map((name) => join(directory.path, name)) as [string, string]
  const environment: Record<string, string> = {}
  let server: CachixServer

  before(async () => {
    for (const file of [first, second]) writeFileSync(file, randomBytes(32))
    environment['CACHIX_SERVE_SERVICE_KEY_FILE'] = first
    server = await CachixServer.start({ environment })
    await new ApiClient(server).createCache(cache)
  })
  after(async () => {
    await server[Symbol.asyncDispose]()
    directory[Symbol.dispose]()
  })

  const command = (...words: string[]) =>
    run([...cachix, 'server', ...words, '--data', server.dataDirectory, '--service-key-file', first])

  async function signs(name: string, key = 1): Promise<void> {
    const path = makePath(name, { type: 'regular', executable: false, contents: Buffer.from(name) })
    await new ApiClient(server).publish(cache, path)
    const narInfo = await (await fetch(`${server.pathUrl(cache)}/${path.storeHash}.narinfo`)).text()
    assert.match(narInfo, new RegExp(`^Sig: kept\\.localhost-${key}:`, 'm'))
  }

  it('signs with what that key seals, and keeps no key of its own, nor does a backup', async () => {
    await signs('one')
    const backup = join(directory.path, 'backup')
    const { status, output } = await command('backup', backup)
    assert.equal(status, 0, output)
    assert.match(output, /The service key is not in it/)
    for (const data of [server.dataDirectory, backup]) assert.ok(!existsSync(join(data, 'service.key')))
  })

  it('is not changed under a running server', async () => {
    const { status, output } = await command('rekey', '--to', second)
    assert.notEqual(status, 0)
    assert.match(output, /Another server is running on the data directory/)
    await signs('two')
  })

  it('is changed while it is stopped, and says what to do next', async () => {
    server.kill('SIGTERM')
    await server.ended()
    const { status, output } = await command('rekey', '--to', second)
    assert.equal(status, 0, output)
    assert.match(output, /^1 signing key is sealed/m)
    assert.ok(output.includes(`cachix serve --service-key-file ${second}`), output)
  })

  it('does not start with another key, and says why', async () => {
    await assert.rejects(server.restart(), /The service key \S+first is not the one that/)
    await server.ended()
  })

  it('signs again with the new key', async () => {
    environment['CACHIX_SERVE_SERVICE_KEY_FILE'] = second
    await server.restart()
    await signs('three')
  })

  it('is lost: what only it opens is given up when told to, and the owner makes another key', async () => {
    server.kill('SIGTERM')
    await server.ended()
    writeFileSync(second, randomBytes(32))
    const third = join(directory.path, 'third')
    writeFileSync(third, randomBytes(32))
    const options = ['--to', third, '--data', server.dataDirectory, '--service-key-file', second]
    const refused = await run([...cachix, 'server', 'rekey', ...options])
    assert.equal(refused.status, 1)
    assert.match(refused.output, /second is not the one that .*--drop-lost/)
    const { status, output } = await run([...cachix, 'server', 'rekey', '--drop-lost', ...options])
    assert.equal(status, 0, output)
    assert.match(output, /lost\..*kept: kept\.localhost-1\n.*cachix key add kept --managed/s)

    environment['CACHIX_SERVE_SERVICE_KEY_FILE'] = third
    await server.restart()
    await assert.rejects(signs('four'))
    const owner = { CACHIX_HOST: server.url, CACHIX_AUTH_TOKEN: server.ownerToken }
    for (const words of [
      ['add', cache, '--managed'],
      ['sign', cache],
    ]) {
      const done = await run([...cachix, 'key', ...words], { environment: owner })
      assert.equal(done.status, 0, done.output)
    }
    await signs('four', 2)
    const list = await run([...cachix, 'key', 'list', cache], { environment: owner })
    assert.match(list.output, /localhost-2:.*\n.*has signed every path/)
  })
})
