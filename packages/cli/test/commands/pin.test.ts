import assert from 'node:assert/strict'
import { symlink } from 'node:fs/promises'
import { json } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { answer, localService, refuse } from '../local-service.ts'
import type { LocalService } from '../local-service.ts'
import { runCli } from '../run-cli.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const storePath = `/nix/store/${'0'.repeat(32)}-hello`

function environment({ host }: LocalService, path: string): Record<string, string> {
  return { XDG_CONFIG_HOME: path, CACHIX_HOST: host, CACHIX_AUTH_TOKEN: 'token' }
}

describe('cachix pin', () => {
  for (const [options, keep] of [
    [[], null],
    [['--keep-days', '30'], { tag: 'Days', contents: 30 }],
    [['--keep-revisions', '5'], { tag: 'Revisions', contents: 5 }],
    [['--keep-forever'], { tag: 'Forever' }],
  ] as const) {
    it(`pins what a link leads to, in silence, with ${options.join(' ') || 'no more said'}`, async () => {
      let body: unknown
      await using service = await localService(async (request, response) => {
        body = await json(request)
        response.end()
      })
      await using directory = await temporaryDirectory()
      await symlink(storePath, directory.at('result'))
      const args = [
        'pin',
        'mycache',
        'v1.0',
        directory.at('result'),
        '-a',
        'bin/a',
        '--artifact',
        'b',
        ...options,
      ]
      const outcome = await runCli(args, environment(service, directory.path))
      assert.deepEqual(outcome, { status: 0, stdout: '', stderr: '' })
      assert.deepEqual(service.asked, ['POST /api/v1/cache/mycache/pin'])
      assert.deepEqual(body, { name: 'v1.0', storePath, artifacts: ['bin/a', 'b'], keep })
    })
  }

  it('lists pins, one a line, in columns, and nothing in them steers the terminal', async () => {
    const lastRevision = { revision: 2, storePath, createdOn: '2026-11-28T20:00:00.000Z', artifacts: [] }
    const pin = {
      name: 'v1.0',
      createdOn: '2026-11-27T20:00:00.000Z',
      keep: { tag: 'Days', contents: 3 },
      lastRevision,
    }
    const other = { ...pin, name: 'nightly\u009b2J', keep: null }
    await using service = await localService((_, response) => answer(response, [pin, other]))
    await using directory = await temporaryDirectory()
    const { status, stdout } = await runCli(['pin', 'list', 'mycache'], environment(service, directory.path))
    assert.equal(status, 0)
    assert.equal(
      stdout,
      `v1.0       ${storePath}  revision 2  2026-11-28  kept for 3 days\nnightly2J  ${storePath}  revision 2  2026-11-28  kept for ever\n`,
    )
  })

  it('removes a pin, whatever its name, and says what the service says of one that is not there', async () => {
    await using service = await localService((_, response, count) => {
      if (count === 1) response.end()
      else refuse(response, 404, 'Cache c has no pin of that name.')
    })
    await using directory = await temporaryDirectory()
    const variables = environment(service, directory.path)
    assert.equal((await runCli(['pin', 'remove', 'c', 'a/b c'], variables)).status, 0)
    assert.deepEqual(service.asked, ['DELETE /api/v1/cache/c/pin/a%2Fb%20c'])
    const again = await runCli(['pin', 'remove', 'c', 'x'], variables)
    assert.deepEqual([again.status, again.stderr], [1, 'Cache c has no pin of that name.\n'])
  })

  it('asks the service nothing about what is no store path, or is to be kept in two ways', async () => {
    await using service = await localService((_, response) => answer(response, {}))
    await using directory = await temporaryDirectory()
    const variables = environment(service, directory.path)
    const outside = await runCli(['pin', 'c', 'v1', directory.path], variables)
    assert.deepEqual([outside.status, /is not in the Nix store/.test(outside.stderr)], [1, true])
    const both = ['pin', 'c', 'v1', storePath, '--keep-days', '1', '--keep-forever']
    assert.notEqual((await runCli(both, variables)).status, 0)
    assert.notEqual((await runCli(['pin', 'c', 'v1', storePath, '--keep-days', '0'], variables)).status, 0)
    assert.deepEqual(service.asked, [])
  })
})
