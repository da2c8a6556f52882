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

  async function signs(name: string): Promise<void> {
    const path = makePath(name, { type: 'regular', executable: false, contents: Buffer.from(name) })
    await new ApiClient(server).publish(cache, path)
    const narInfo = await (await fetch(`${server.pathUrl(cache)}/${path.storeHash}.narinfo`)).text()
    assert.match(narInfo, /^Sig: kept\.localhost-1:/m)
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
})
