import assert from 'node:assert/strict'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { defaultConfigPath, readConfig, updateConfig, writeConfig } from '../../src/config/config-file.ts'
import { resolveCredentials } from '../../src/config/credentials.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

describe('the configuration file', () => {
  it('lies where the XDG specification says', () => {
    assert.equal(defaultConfigPath({ XDG_CONFIG_HOME: '/x' }), '/x/cachix/cachix.json')
    assert.equal(
      defaultConfigPath({ XDG_CONFIG_HOME: 'relative', HOME: '/h' }),
      '/h/.config/cachix/cachix.json',
    )
    assert.equal(defaultConfigPath({ HOME: '/h' }), '/h/.config/cachix/cachix.json')
  })

  it('is empty where there is none', async () => {
    await using directory = await temporaryDirectory()
    assert.deepEqual(await readConfig(directory.at('none.json')), { binaryCaches: [] })
  })

  it('comes back as written, for its owner only', async () => {
    await using directory = await temporaryDirectory()
    const path = directory.at('cachix', 'cachix.json')
    const config = { authToken: 't', hostname: 'https://h', binaryCaches: [{ name: 'a', secretKey: 'k' }] }
    await writeConfig(path, config)
    assert.deepEqual(await readConfig(path), config)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.equal((await stat(directory.at('cachix'))).mode & 0o777, 0o700)
  })

  it('becomes private, whatever it was, and keeps fields of other versions', async () => {
    await using directory = await temporaryDirectory()
    const path = directory.at('cachix.json')
    await writeFile(path, '{"later": 1}', { mode: 0o644 })
    await updateConfig(path, (config) => ({ ...config, authToken: 't' }))
    assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), { later: 1, authToken: 't', binaryCaches: [] })
    assert.equal((await stat(path)).mode & 0o777, 0o600)
  })

  it('keeps every change made at the same time', async () => {
    await using directory = await temporaryDirectory()
    const path = directory.at('cachix.json')
    const names = Array.from({ length: 8 }, (_, index) => `c${index}`)
    await Promise.all(
      names.map((name) =>
        updateConfig(path, (config) => ({
          ...config,
          binaryCaches: [...config.binaryCaches, { name, secretKey: 'k' }],
        })),
      ),
    )
    assert.deepEqual((await readConfig(path)).binaryCaches.map((cache) => cache.name).sort(), names)
  })

  it('is not mistaken for nix.conf', async () => {
    await using directory = await temporaryDirectory()
    await writeFile(directory.at('nix.conf'), 'substituters = https://a\n')
    await assert.rejects(
      readConfig(directory.at('nix.conf')),
      /is not a Cachix configuration, .*not for nix\.conf/,
    )
    await writeFile(directory.at('x.json'), '{"binaryCaches": {}}')
    await assert.rejects(readConfig(directory.at('x.json')), /x\.json is not a Cachix configuration/)
  })
})

describe('host and token', () => {
  const config = { authToken: 'file', hostname: 'https://file', binaryCaches: [] }

  it('come from the command line before the environment before the file before the default', () => {
    const environment = { CACHIX_HOST: 'https://environment', CACHIX_AUTH_TOKEN: 'environment' }
    assert.equal(resolveCredentials(config, environment, 'https://option/').host, 'https://option')
    assert.deepEqual(resolveCredentials(config, environment, undefined), {
      host: 'https://environment',
      token: 'environment',
    })
    assert.deepEqual(resolveCredentials(config, {}, undefined), { host: 'https://file', token: 'file' })
    assert.deepEqual(resolveCredentials({ binaryCaches: [] }, {}, undefined), {
      host: 'http://localhost:8080',
      token: '',
    })
  })

  it('an empty token in the environment means anonymous', () => {
    assert.equal(resolveCredentials(config, { CACHIX_AUTH_TOKEN: '' }, undefined).token, '')
  })

  it('are refused where they cannot be right', () => {
    for (const host of ['localhost:8080', 'cachix.org', 'ftp://x', 'https://user@x', 'https://x/?a=1']) {
      assert.throws(() => resolveCredentials(config, {}, host), /is not the address of a service/)
    }
    assert.throws(
      () => resolveCredentials(config, { CACHIX_AUTH_TOKEN: 'two words' }, undefined),
      /auth token/,
    )
  })
})
