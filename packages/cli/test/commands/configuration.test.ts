import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { localCachix, ownerToken } from '../local-cachix.ts'
import { runCli } from '../run-cli.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

describe('cachix authtoken', () => {
  it('saves a token given as an argument or, without blanks around it, on standard input', async () => {
    await using service = await localCachix()
    await using directory = await temporaryDirectory()
    const environment = { XDG_CONFIG_HOME: directory.path, CACHIX_HOST: service.host }
    const path = directory.at('cachix', 'cachix.json')
    for (const [args, input] of [
      [['authtoken', ownerToken], ''],
      [['authtoken', '--stdin'], `  ${ownerToken}\n`],
    ] as const) {
      const outcome = await runCli(args, environment, input)
      assert.deepEqual(outcome, { status: 0, stdout: `Written to ${path}\n`, stderr: '' })
      assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), { binaryCaches: [], authToken: ownerToken })
    }
  })

  it('warns of a token the service does not know, and saves it', async () => {
    await using service = await localCachix()
    await using directory = await temporaryDirectory()
    const environment = { XDG_CONFIG_HOME: directory.path, CACHIX_HOST: service.host }
    const { status, stderr } = await runCli(['authtoken', 'other'], environment)
    assert.equal(status, 0)
    assert.equal(
      stderr,
      `Warning: ${service.host} does not accept this token: This token is not known here.\n`,
    )
  })

  it('needs no service', async () => {
    await using directory = await temporaryDirectory()
    const environment = { XDG_CONFIG_HOME: directory.path, CACHIX_HOST: 'http://127.0.0.1:1' }
    const { status, stderr } = await runCli(['authtoken', 't'], environment)
    assert.deepEqual([status, stderr], [0, ''])
  })

  it('refuses no token, two tokens, and what cannot be one', async () => {
    await using directory = await temporaryDirectory()
    const environment = { XDG_CONFIG_HOME: directory.path }
    for (const [args, input] of [
      [['authtoken'], ''],
      [['authtoken', 'a', '--stdin'], 'b'],
      [['authtoken', '--stdin'], ' \n'],
      [['authtoken', 'a b'], ''],
    ] as const) {
      const { status, stderr } = await runCli(args, environment, input)
      assert.equal(status, 1)
      assert.match(stderr, /token/)
    }
  })
})

describe('cachix config', () => {
  it('gets what was set, or the default', async () => {
    await using directory = await temporaryDirectory()
    const environment = { XDG_CONFIG_HOME: directory.path }
    assert.equal((await runCli(['config', 'get', 'hostname'], environment)).stdout, 'http://localhost:8080\n')
    await runCli(['config', 'set', 'hostname', 'https://cachix.example/'], environment)
    assert.equal(
      (await runCli(['config', 'get', 'hostname'], environment)).stdout,
      'https://cachix.example\n',
    )
  })

  it('refuses what is no address, and settings there are not', async () => {
    await using directory = await temporaryDirectory()
    const environment = { XDG_CONFIG_HOME: directory.path }
    const bad = await runCli(['config', 'set', 'hostname', 'cachix.example'], environment)
    assert.deepEqual(
      [bad.status, bad.stderr],
      [1, '"cachix.example" is not the address of a service: it must start with http:// or https://.\n'],
    )
    assert.match(
      (await runCli(['config', 'get', 'token'], environment)).stderr,
      /There is no setting "token"/,
    )
  })
})

describe('the command line', () => {
  it('prints its version as a word and three numbers', async () => {
    for (const flag of ['--version', '-V']) {
      const { status, stdout } = await runCli([flag], {})
      assert.equal(status, 0)
      assert.match(stdout, /^cachix \d+\.\d+\.\d+\n$/)
    }
  })

  it('has help with examples for each command', async () => {
    const commands = [
      'authtoken',
      'create',
      'push',
      'use',
      'remove',
      'generate-keypair',
      'config get',
      'config set',
      'serve',
    ]
    for (const command of ['', ...commands]) {
      const { status, stdout } = await runCli([...command.split(' ').filter(Boolean), '--help'], {})
      assert.equal(status, 0)
      assert.match(stdout, /\nExamples?:\n {2}/, command)
    }
  })

  it('takes general options before and after the command, under both names of the host', async () => {
    await using service = await localCachix()
    await using directory = await temporaryDirectory()
    const config = directory.at('c.json')
    for (const args of [
      ['--host', service.host, '-c', config, 'authtoken', ownerToken],
      ['authtoken', ownerToken, '--hostname', service.host, '--config', config],
    ]) {
      assert.equal((await runCli(args, {})).stdout, `Written to ${config}\n`)
    }
    assert.equal(service.asked.length, 2)
  })

  it('exits with 1 for what it does not know', async () => {
    for (const args of [
      ['frobnicate'],
      ['use'],
      ['use', 'c', '--frobnicate'],
      ['create', 'c', '--public', '--private'],
    ]) {
      const { status, stderr } = await runCli(args, {})
      assert.equal(status, 1)
      assert.match(stderr, /^error: /)
    }
  })

  it('shows where an error came from only when asked', async () => {
    assert.doesNotMatch((await runCli(['create', 'X'], {})).stderr, /\n {4}at /)
    assert.match((await runCli(['create', 'X', '--verbose'], {})).stderr, /\n {4}at /)
  })
})
