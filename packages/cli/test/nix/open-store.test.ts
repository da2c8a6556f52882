import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openStore } from '../../src/nix/open-store.ts'
import { createNixFixture, withoutNix, type NixFixture } from './nix-fixture.ts'

describe('the store is found as Nix finds it', { skip: withoutNix }, () => {
  let fixture: NixFixture
  let path: string
  before(async () => {
    fixture = await createNixFixture()
    path = (await fixture.build('make "path" "echo path > $out"'))[0] ?? ''
  })
  after(() => fixture.remove())

  async function assertFinds(environment: NodeJS.ProcessEnv): Promise<void> {
    const store = await openStore({ ...fixture.environment, ...environment })
    assert.equal(store.storeDir, fixture.storeDir)
    assert.deepEqual(await store.validPaths([path]), new Set([path]))
    await store.close()
  }

  test('by its database where NIX_REMOTE is local', () => assertFinds({ NIX_REMOTE: 'local' }))
  test('by its database where no daemon listens', () => assertFinds({ NIX_REMOTE: '' }))
  test('and says so when a daemon is asked for and none listens', async () => {
    const socket = join(fixture.stateDir, 'none')
    for (const environment of [
      { NIX_REMOTE: `unix://${socket}` },
      { NIX_REMOTE: `unix://${socket}?root=/x` },
      { NIX_REMOTE: 'daemon', NIX_DAEMON_SOCKET_PATH: socket },
    ]) {
      await assert.rejects(openStore(environment), {
        name: 'CliError',
        message: /No Nix daemon answers at .*none/,
      })
    }
  })
})

test('a remote store is refused', async () => {
  for (const remote of ['ssh-ng://builder', 'https://cache.example.org', '/mnt', 'local?root=/mnt']) {
    await assert.rejects(openStore({ NIX_REMOTE: remote }), { name: 'CliError', message: /NIX_REMOTE is/ })
  }
})

test('without a daemon and a readable database, the nix program is asked', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'nix-'))
  try {
    await writeFile(join(directory, 'db'), 'no directory')
    const store = await openStore({ NIX_STATE_DIR: directory, NIX_STORE_DIR: '/elsewhere/store' })
    assert.equal(store.storeDir, '/elsewhere/store')
    await store.close()
  } finally {
    await rm(directory, { recursive: true })
  }
})
