import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { cache, localCachix, ownerToken } from '../local-cachix.ts'
import type { LocalCachix } from '../local-cachix.ts'
import { localService, refuse } from '../local-service.ts'
import { runCli } from '../run-cli.ts'
import type { TemporaryDirectory } from '../temporary-directory.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

function environment(
  { host }: { readonly host: string },
  { path }: TemporaryDirectory,
): Record<string, string> {
  return { XDG_CONFIG_HOME: path, CACHIX_HOST: host, CACHIX_AUTH_TOKEN: ownerToken }
}

async function savedKeys(
  directory: TemporaryDirectory,
): Promise<readonly { name: string; secretKey: string }[]> {
  const text = await readFile(directory.at('cachix', 'cachix.json'), 'utf8').catch(
    () => '{"binaryCaches":[]}',
  )
  return (JSON.parse(text) as { binaryCaches: { name: string; secretKey: string }[] }).binaryCaches
}

function publicKeyOf(service: LocalCachix, name: string): string | undefined {
  return service.caches.get(name)?.publicSigningKeys[0]?.split(':')[1]
}

describe('cachix create', () => {
  it('keeps the secret key here, tells the public one, and says what comes next', async () => {
    await using service = await localCachix()
    await using directory = await temporaryDirectory()
    const { status, stdout, stderr } = await runCli(['create', 'mycache'], environment(service, directory))
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /^Created public cache mycache: https:\/\/mycache\.cachix\.example\n/)
    assert.match(stdout, /nix-build \| cachix push mycache\n/)
    assert.match(stdout, /cachix use mycache\n/)
    const [key] = await savedKeys(directory)
    assert.equal(key?.name, 'mycache')
    const secret = Buffer.from(key?.secretKey ?? '', 'base64')
    assert.equal(secret.length, 64)
    assert.equal(secret.subarray(32).toString('base64'), publicKeyOf(service, 'mycache'))
    assert.ok(!stdout.includes(key?.secretKey ?? ''))
    assert.equal((await stat(directory.at('cachix', 'cachix.json'))).mode & 0o777, 0o600)
  })

  it('makes a private cache, or one whose key the service keeps', async () => {
    await using service = await localCachix()
    await using directory = await temporaryDirectory()
    const { status, stdout } = await runCli(
      ['create', 'c', '--private', '--managed-key'],
      environment(service, directory),
    )
    assert.equal(status, 0)
    assert.match(stdout, /^Created private cache c/)
    assert.equal(service.caches.get('c')?.isPublic, false)
    assert.equal(publicKeyOf(service, 'c'), 'managed')
    assert.deepEqual(await savedKeys(directory), [])
  })

  it('saves no key when the name is taken', async () => {
    await using service = await localCachix()
    service.caches.set('mycache', cache('mycache'))
    await using directory = await temporaryDirectory()
    const { status, stderr } = await runCli(['create', 'mycache'], environment(service, directory))
    assert.deepEqual([status, stderr], [1, 'The name mycache is taken.\n'])
    assert.deepEqual(await savedKeys(directory), [])
  })

  it('saves no key when nothing listens at the host', async () => {
    const service = await localCachix()
    await service[Symbol.asyncDispose]()
    await using directory = await temporaryDirectory()
    const { status, stderr } = await runCli(['create', 'mycache'], environment(service, directory))
    assert.equal(status, 1)
    assert.match(stderr, /^Cannot reach .*nothing listens there/)
    assert.deepEqual(await savedKeys(directory), [])
  })

  it('tells nobody anything when the key cannot be saved', async () => {
    await using service = await localCachix()
    await using directory = await temporaryDirectory()
    const args = ['create', 'mycache', '--config', '/dev/null/cachix.json']
    const { status, stderr } = await runCli(args, environment(service, directory))
    assert.equal(status, 1)
    assert.match(stderr, /^Cannot write \/dev\/null\/cachix\.json/)
    assert.deepEqual(service.asked, [])
  })

  it('notices that the cache was created although the answer was lost', async () => {
    let publicKey = ''
    await using service = await localService(async (request, response) => {
      if (request.method === 'GET') {
        const publicSigningKeys = [`c.cachix.example-1:${publicKey}`]
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(cache('c', { publicSigningKeys })))
        return
      }
      let text = ''
      for await (const piece of request) text += String(piece)
      publicKey = (JSON.parse(text) as { publicSigningKey: string }).publicSigningKey
      refuse(response, 409, 'The name c is taken.')
    })
    await using directory = await temporaryDirectory()
    const { status } = await runCli(['create', 'c'], environment(service, directory))
    assert.equal(status, 0)
    assert.equal((await savedKeys(directory)).length, 1)
  })

  it('refuses bad names with the rule, and asks for a token, before anything else', async () => {
    await using service = await localCachix()
    await using directory = await temporaryDirectory()
    const variables = environment(service, directory)
    for (const name of ['Upper', 'under_score', '-x', 'a'.repeat(51), '../x']) {
      const { status, stderr } = await runCli(['create', '--', name], variables)
      assert.equal(status, 1)
      assert.match(stderr, /is not a cache name\. A cache name has 1 to 50 characters/)
    }
    const anonymous = await runCli(['create', 'c'], { ...variables, CACHIX_AUTH_TOKEN: '' })
    assert.equal(anonymous.status, 1)
    assert.match(anonymous.stderr, /^Creating a cache needs an auth token .*cachix authtoken/)
    assert.deepEqual(service.asked, [])
  })

  it('shows what the service says of a bad token', async () => {
    await using service = await localCachix()
    await using directory = await temporaryDirectory()
    const variables = { ...environment(service, directory), CACHIX_AUTH_TOKEN: 'wrong' }
    const { status, stderr } = await runCli(['create', 'c'], variables)
    assert.deepEqual([status, stderr], [1, 'This token may not write.\n'])
    assert.deepEqual(await savedKeys(directory), [])
  })
})

describe('cachix generate-keypair', () => {
  it('prints the key it saved and announced', async () => {
    await using service = await localCachix()
    service.caches.set('c', cache('c', { publicSigningKeys: [] }))
    await using directory = await temporaryDirectory()
    const { status, stdout } = await runCli(['generate-keypair', 'c'], environment(service, directory))
    assert.equal(status, 0)
    const [key] = await savedKeys(directory)
    assert.ok(stdout.includes(`export CACHIX_SIGNING_KEY=${key?.secretKey}\n`))
    assert.equal(
      Buffer.from(key?.secretKey ?? '', 'base64')
        .subarray(32)
        .toString('base64'),
      publicKeyOf(service, 'c'),
    )
  })
})
