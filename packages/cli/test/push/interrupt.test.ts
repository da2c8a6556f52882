import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { createNixFixture, withoutNix, type NixFixture } from '../nix/nix-fixture.ts'
import { startStubService } from './stub-service.ts'

const program = new URL('../../src/bin.ts', import.meta.url).pathname

describe('Ctrl-C during a push', { skip: withoutNix }, () => {
  let nix: NixFixture
  let home: string
  before(async () => {
    nix = await createNixFixture()
    home = await mkdtemp(join(tmpdir(), 'home-'))
  })
  after(async () => {
    await nix.remove()
    await rm(home, { recursive: true })
  })

  const packages = `let
    large = make "large" "head -c 3000000 /dev/urandom > $out";
    user = make "user" "echo \${large} > $out";
  in user`

  test('gives up uploads, publishes nothing more, sums up and exits with 130', async () => {
    const [path = ''] = await nix.build(packages)
    await using service = await startStubService()
    const stalled = Promise.withResolvers<void>()
    const answered = Promise.withResolvers<void>()
    service.meddle = (request, response) => {
      if (request.url?.endsWith('/paths') === true) {
        // The client closes the connection too, when it has read the answer to its end.
        response.setHeader('connection', 'close')
        request.socket.once('close', () => answered.resolve())
      }
      if (request.url?.endsWith('/bundles') !== true || isLarge(request)) return false
      // This bundle is taken in, but never answered.
      request.resume()
      stalled.resolve()
      return true
    }
    const child = spawn(process.execPath, [program, 'push', 'mycache', path, '--jobs', '1'], {
      env: { ...nix.environment, HOME: home, CACHIX_HOST: service.url, CACHIX_AUTH_TOKEN: 'token' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
    const output = text(child.stderr)
    await Promise.all([stalled.promise, answered.promise])
    child.kill('SIGINT')
    assert.equal(await ended, 130)
    assert.match(
      await output,
      /^Interrupted\. Pushed 1 path .*, 1 skipped \(the push was stopped\), 0 failed$/m,
    )
    assert.doesNotMatch(await output, /^ +at /m)
    assert.deepEqual(
      service.published.map((each) => each.storePath.slice(33)),
      ['large'],
    )
  })
})

function isLarge({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length']) > 1_000_000
}
