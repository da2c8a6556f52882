import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { openDaemonStore } from '../../src/nix/daemon-store.ts'
import { describeStoreReader } from '../../src/nix/store-reader.conformance.ts'
import type { StoreReader } from '../../src/nix/store-reader.ts'
import { createNixFixture, withoutNix, type NixFixture } from './nix-fixture.ts'

interface DaemonFixture extends NixFixture {
  readonly socketPath: string
  openReader(): Promise<StoreReader>
}

async function createDaemonFixture(): Promise<DaemonFixture> {
  const fixture = await createNixFixture()
  const socketPath = join(fixture.stateDir, 'daemon-socket/socket')
  const daemon = spawn('nix-daemon', { env: fixture.environment, stdio: 'ignore' })
  await untilListening(daemon, socketPath)
  return {
    ...fixture,
    socketPath,
    openReader: () => openDaemonStore({ socketPath, storeDir: fixture.storeDir }),
    remove: async () => {
      daemon.kill()
      await fixture.remove()
    },
  }
}

async function untilListening(daemon: ChildProcess, socketPath: string): Promise<void> {
  while (!existsSync(socketPath)) {
    assert.equal(daemon.exitCode, null, 'nix-daemon stopped')
    await delay(5)
  }
}

describeStoreReader('the daemon', { skip: withoutNix, open: createDaemonFixture })

describe('the daemon protects paths from the collector', { skip: withoutNix }, () => {
  let fixture: DaemonFixture
  before(async () => (fixture = await createDaemonFixture()))
  after(() => fixture.remove())

  test('until the reader is closed, also after the daemon hung up', async () => {
    const [path = ''] = await fixture.build('make "kept" "echo kept > $out"')
    const reader = await fixture.openReader()
    await reader.protect([path])
    await assert.rejects(reader.validPaths(['/elsewhere/makes/it/hang/up']))
    assert.deepEqual(await reader.validPaths([path]), new Set([path]))
    await fixture.run('nix-store', '--gc')
    assert.deepEqual(await reader.validPaths([path]), new Set([path]))
    await reader.close()
  })
})

describe('a daemon that is none', () => {
  let directory: string
  before(async () => (directory = await mkdtemp(join(tmpdir(), 'socket-'))))
  after(() => rm(directory, { recursive: true }))

  async function answer(talk: (socket: Socket) => void): Promise<unknown> {
    const server = createServer(talk)
    const socketPath = join(directory, 'socket')
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    try {
      return await openDaemonStore({ socketPath, storeDir: '/nix/store' }).then(
        () => undefined,
        (error: unknown) => error,
      )
    } finally {
      server.close()
    }
  }

  test('is told by its greeting', async () => {
    const error = await answer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    assert.match(String(error), /sent the number|not the socket of a Nix daemon/)
  })

  test('or by its silence', async () => {
    const error = await answer((socket) => socket.end())
    assert.match(String(error), /closed the connection/)
  })

  test('a socket nobody listens at is the system error', async () => {
    await assert.rejects(openDaemonStore({ socketPath: join(directory, 'none'), storeDir: '/nix/store' }), {
      code: 'ENOENT',
    })
  })
})
