import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { after, before, beforeEach, afterEach, describe, test } from 'node:test'
import {
  baseNameOf,
  fingerprint,
  publicKeyOf,
  renderPublicKey,
  renderSecretKey,
  secretKeyFromSeed,
  verify,
  type SecretKey,
} from '@cachix/protocol'
import { push } from '../../src/commands/push.ts'
import { openContext } from '../../src/context.ts'
import { createNixFixture, withoutNix, type NixFixture } from '../nix/nix-fixture.ts'
import { failed, startStubService, type StubService } from './stub-service.ts'

type PushOptions = Parameters<typeof push>[1]

const packages = `let
  library = make "library" "mkdir $out; echo library > $out/file";
  tool = make "tool" "mkdir $out; echo \${library} $out > $out/file";
  program = make "program" "mkdir $out; ln -s \${tool}/file $out/link; head -c 2500000 /dev/zero > $out/data";
  other = make "other" "echo other > $out";
in [ program other ]`

describe('cachix push', { skip: withoutNix }, () => {
  let nix: NixFixture
  let program: string
  let other: string
  let key: SecretKey
  let service: StubService
  let directory: string

  before(async () => {
    nix = await createNixFixture()
    ;[program = '', other = ''] = await nix.build(packages)
    key = await secretKeyFromSeed('mycache.localhost-1', new Uint8Array(32).fill(7))
  })
  after(() => nix.remove())
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'push-'))
    service = await startStubService()
    service.cache.publicSigningKeys = [renderPublicKey(publicKeyOf(key))]
  })
  afterEach(async () => {
    await service[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  })

  interface Run {
    readonly options?: Partial<PushOptions>
    readonly environment?: NodeJS.ProcessEnv
    readonly stdin?: string
  }

  /** Standard error, and the message of the failure at its end if there was one. */
  async function run(
    paths: readonly string[],
    { options, environment, stdin = '' }: Run = {},
  ): Promise<string> {
    let output = ''
    const collect = new Writable({
      write(chunk, _, done) {
        output += String(chunk)
        done()
      },
    })
    const context = await openContext(
      {
        environment: {
          ...nix.environment,
          HOME: directory,
          CACHIX_HOST: service.url,
          CACHIX_AUTH_TOKEN: 'token',
          CACHIX_SIGNING_KEY: renderSecretKey(key),
          ...environment,
        },
        stdin: Readable.from([stdin]),
        stdout: collect,
        stderr: collect,
      },
      {},
    )
    try {
      await push(context, { cacheName: 'mycache', paths, ...options })
    } catch (error) {
      output += `FAILED ${(error as Error).name}: ${(error as Error).message}\n`
    }
    return output
  }

  /** Builds a path, then changes it behind the store's back. */
  async function spoil(text: string): Promise<string> {
    const [path = ''] = await nix.build(`make "spoilt-${text}" "echo ${text} > $out"`)
    await chmod(path, 0o644)
    await writeFile(path, text === 'longer' ? 'longer\nand longer' : text.replace(/./, 'X') + '\n')
    return path
  }

  const names = (): string[] => service.published.map((each) => each.storePath.slice(33))

  test('sends a whole closure, dependencies first, signed', async () => {
    const output = await run([program])
    assert.deepEqual(names(), ['library', 'tool', 'program'])
    assert.match(output, /^Pushed 3 paths \([\d.]+ k?B uploaded\), 0 already there, 0 skipped, 0 failed\n$/m)
    assert.match(output, /Pushing 3 paths \(2\.5 MB\) to cache mycache, 0 are already there/)
    assert.match(output, new RegExp(`^Pushing ${program} \\(2.5 MB\\)$`, 'm'))
    const published = service.published[2]!
    assert.equal(published.deriver, baseNameOf(await nix.run('nix-store', '-q', '--deriver', program)))
    assert.equal(published.narHash, await nix.run('nix-store', '-q', '--hash', program))
    const signed = { ...published, storePath: program }
    assert.ok(await verify(publicKeyOf(key), fingerprint(signed), `${key.name}:${published.sig ?? ''}`))
  })

  test('asks one question, sends one bundle and publishes together what is small', async () => {
    await run([program, other])
    assert.equal(service.questions.length, 1)
    assert.equal(service.bundles.length, 1)
    assert.ok(service.batches.length <= 2, service.batches.join())
  })

  test('sends only what the cache lacks', async () => {
    await run([program])
    const output = await run([program, other])
    assert.equal(service.published.length, 4)
    assert.match(output, /^Pushed 1 path \(\d+ B uploaded\), 3 already there, 0 skipped, 0 failed$/m)
    assert.match(
      await run([program]),
      /^Pushed 0 paths \(0 B uploaded\), 3 already there, 0 skipped, 0 failed$/m,
    )
  })

  test('reads standard input where no paths are named', async () => {
    const output = await run([], { stdin: `${program}\n  ${other}\n` })
    assert.match(output, /^Pushed 4 paths/m)
  })

  test('accepts links and files inside of store paths', async () => {
    await symlink(other, join(directory, 'result'))
    await run([join(directory, 'result'), `${program}/data`])
    assert.equal(service.published.length, 4)
  })

  test('says what it skips, and pushes the rest', async () => {
    const invalid = join(nix.storeDir, `${'0'.repeat(32)}-invalid`)
    const output = await run([other, invalid, directory, './no-such-file'])
    assert.match(output, /-invalid: it is not a valid store path/)
    assert.match(output, /push-\w+: it is not in the Nix store/)
    assert.match(output, /no-such-file: it does not exist/)
    assert.match(
      output,
      /Pushed 1 path .*, 0 already there, 3 skipped \(1 is not a valid store path; 1 is not in/,
    )
  })

  test('fails when there is nothing valid to push, unless that is fine', async () => {
    assert.match(await run([], { stdin: ' \n' }), /FAILED CliError: Nothing to push: no store paths came/)
    assert.match(await run([directory]), /FAILED CliError: Nothing to push: none of what was named/)
    assert.match(await run([], { options: { allowEmpty: true } }), /Nothing to push: [^(]*\n$/)
    assert.equal(service.bundles.length, 0)
  })

  test('does not wait for a terminal', async () => {
    const stdin = Object.assign(Readable.from([]), { isTTY: true })
    const { readInputs } = await import('../../src/push/read-inputs.ts')
    await assert.rejects(readInputs([], stdin, new AbortController().signal), /pipe them in/)
  })

  describe('sends nothing', () => {
    afterEach(() => assert.equal(service.bundles.length, 0))

    test('without a token', async () => {
      assert.match(await run([program], { environment: { CACHIX_AUTH_TOKEN: '' } }), /needs an auth token/)
    })

    test('with a token that may only read', async () => {
      service.cache.permission = 'Read'
      assert.match(
        await run([program]),
        /FAILED CliError: The auth token may read cache mycache, but not push/,
      )
    })

    test('with the key of another cache', async () => {
      const wrong = await secretKeyFromSeed('mycache.localhost-1', new Uint8Array(32).fill(8))
      const output = await run([program], { environment: { CACHIX_SIGNING_KEY: renderSecretKey(wrong) } })
      assert.match(output, /FAILED CliError: The signing key at hand is not one of cache mycache/)
      assert.ok(output.includes(renderPublicKey(publicKeyOf(key))))
      assert.ok(!output.includes(renderSecretKey(wrong)))
    })

    test('to a cache that has no key yet', async () => {
      service.cache.publicSigningKeys = []
      assert.match(await run([program]), /cachix generate-keypair mycache/)
    })

    test('with a compression method that there is not', async () => {
      assert.match(await run([program], { options: { compressionMethod: 'lzma' } }), /"lzma" is not/)
    })
  })

  test('takes the key in both spellings', async () => {
    const bare = renderSecretKey(key).replace(/^.*:/, '')
    assert.match(await run([other], { environment: { CACHIX_SIGNING_KEY: bare } }), /^Pushed 1 path/m)
  })

  test('leaves signing to the service where there is no key', async () => {
    await run([other], { environment: { CACHIX_SIGNING_KEY: '' } })
    assert.equal(service.published[0]?.sig, undefined)
  })

  test('says once that the service does not have the key either', async () => {
    service.judge = () => failed('bad-signature', 'Cache mycache is self-signed. Set CACHIX_SIGNING_KEY.')
    const output = await run([program, other], { environment: { CACHIX_SIGNING_KEY: '' } })
    assert.equal(output.match(/is self-signed\. Set CACHIX_SIGNING_KEY/g)?.length, 1)
    assert.match(
      output,
      /FAILED CliError: Pushed 0 paths .* 3 skipped \(.*the push was stopped.*\), 1 failed/,
    )
  })

  test('xz means zstd', async () => {
    assert.match(await run([other], { options: { compressionMethod: 'XZ' } }), /Warning: zstd is used/)
    assert.equal(service.published.length, 1)
  })

  test('keeps the deriver to itself when told to', async () => {
    await run([other], { options: { omitDeriver: true } })
    assert.equal(service.published[0]?.deriver, undefined)
  })

  test('one path refused: those that need it are skipped, others go on', async () => {
    service.judge = ({ storePath }) =>
      storePath.endsWith('-tool')
        ? failed('conflict', 'This path is in the cache with other contents.')
        : undefined
    const output = await run([program, other])
    assert.match(output, /^Failed to push .*-tool: This path is in the cache with other contents\.$/m)
    assert.match(output, /^Skipped .*-program: a dependency was not pushed$/m)
    assert.match(
      output,
      /FAILED CliError: Pushed 2 paths \(.*\), 0 already there, 1 skipped \(a dependency was not pushed\), 1 failed/,
    )
  })

  test('a token that is refused half way stops everything', async () => {
    service.meddle = (request, response) => {
      if (request.url?.endsWith('/bundles') !== true) return false
      request.resume()
      response.writeHead(403).end('You may not.')
      return true
    }
    const output = await run([program, other], { options: { jobs: 1 } })
    assert.match(output, /0 already there, [123] skipped \(.*\), [123] failed/)
  })

  test('a connection lost during an upload is made again, and the bundle sent from its beginning', async () => {
    let cuts = 0
    service.meddle = (request) => {
      if (request.url?.endsWith('/bundles') !== true || cuts++ > 0) return false
      request.socket.destroy()
      return true
    }
    const output = await run([other])
    assert.match(output, /Trying again/)
    assert.match(output, /^Pushed 1 path/m)
    assert.equal(cuts, 2)
  })

  describe('a path that is not what the store says', () => {
    for (const text of ['longer', 'other']) {
      test(`fails and is never published: ${text} contents`, async () => {
        const path = await spoil(text)
        const output = await run([path, other])
        assert.match(output, /Failed to push .*spoilt.* is damaged on this machine.*--verify-path/)
        assert.match(output, /FAILED CliError: Pushed 1 path .* 1 failed/)
        assert.deepEqual(names(), ['other'])
      })
    }

    test('because it is gone from the disk is damaged as well', async () => {
      const path = await spoil('gone')
      await rm(path)
      assert.match(await run([path]), /Failed to push .*cannot be read: ENOENT/)
    })
  })

  test('a path collected while it is pushed is skipped, and so is what needs it', async () => {
    const [last = ''] = await nix.build(
      'let base = make "base" "echo base > $out"; in make "needs-base" "echo ${base} > $out"',
    )
    service.meddle = async (request) => {
      if (request.url?.includes('/narinfo') === true)
        await nix.run('nix-store', '--delete', '--ignore-liveness', last)
      return false
    }
    const output = await run([last])
    assert.match(output, /^Skipped .*-needs-base: garbage-collected while pushing$/m)
    assert.match(
      output,
      /FAILED CliError: Pushed 1 path .* 1 skipped \(garbage-collected while pushing\), 0 failed/,
    )
  })
})
