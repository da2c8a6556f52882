import assert from 'node:assert/strict'
import { homedir } from 'node:os'
import { describe, test } from 'node:test'

import { parseServerConfig } from '../src/config.ts'

describe('The configuration of the service', () => {
  test('needs nothing', () => {
    const config = parseServerConfig()
    assert.deepEqual(config.listen, { host: '127.0.0.1', port: 8080 })
    assert.equal(config.publicUrl, undefined)
    assert.equal(config.ownerTokenFile, undefined)
    assert.deepEqual(config.database, {
      kind: 'sqlite',
      path: `${homedir()}/.local/share/cachix/cachix.sqlite`,
    })
    assert.equal(config.packs, `${homedir()}/.local/share/cachix`)
    assert.deepEqual(config.askedUpstreams, ['https://cache.nixos.org'])
    assert.deepEqual(config.serviceKey, { path: `${config.packs}/service.key`, isGiven: false })
    assert.ok(config.limits.verifierThreads >= 1 && config.limits.verifierThreads <= 4)
  })

  test('keeps data where the environment says data is kept', () => {
    assert.equal(parseServerConfig({}, { XDG_DATA_HOME: '/data' }).packs, '/data/cachix')
    assert.equal(
      parseServerConfig({}, { XDG_DATA_HOME: 'relative' }).packs,
      `${homedir()}/.local/share/cachix`,
    )
  })

  test('takes every setting from the environment', () => {
    const config = parseServerConfig(
      {},
      {
        CACHIX_SERVE_LISTEN: '[::]:80',
        CACHIX_SERVE_DATA: '/srv/cache',
        CACHIX_SERVE_PUBLIC_URL: 'https://cache.example.org/',
        CACHIX_SERVE_DATABASE: 'postgres://user@host/cachix',
        CACHIX_SERVE_OWNER_TOKEN_FILE: '/run/token',
        CACHIX_SERVE_SERVICE_KEY_FILE: '/run/secrets/cachix.key',
        CACHIX_SERVE_MAX_NAR_SIZE: '1000000',
        CACHIX_SERVE_READS_PER_SECOND: '0',
        CACHIX_SERVE_CALLS_PER_SECOND: '50',
        CACHIX_SERVE_CONNECTIONS_PER_ADDRESS: '70',
        CACHIX_SERVE_TRUSTED_PROXY: '::1, 10.0.0.0/8',
        CACHIX_SERVE_ASK_UPSTREAMS: 'https://Cache.example.org/, http://10.0.0.1:8080',
        CACHIX_SERVE_OIDC_ISSUERS: 'https://GitLab.example.org/, http://localhost:1, *',
        CACHIX_SERVE_STALL_SECONDS: '7',
        CACHIX_SERVE_VERIFIER_THREADS: '2',
        CACHIX_SERVE_MAX_ASSEMBLED_BYTES: '5000000000',
        CACHIX_SERVE_LOG_LEVEL: 'warn',
        CACHIX_SERVE_UPKEEP_MINUTES: '5',
        CACHIX_SERVE_GRACE_HOURS: '0.5',
        CACHIX_HOST: 'http://not.ours',
      },
    )
    assert.deepEqual(config, {
      listen: { host: '::', port: 80 },
      publicUrl: 'https://cache.example.org',
      database: { kind: 'postgres', url: 'postgres://user@host/cachix' },
      packs: '/srv/cache',
      serviceKey: { path: '/run/secrets/cachix.key', isGiven: true },
      ownerTokenFile: '/run/token',
      logLevel: 'warn',
      limits: {
        maxNarSize: 1_000_000,
        maxBundleSize: 134_217_728,
        maxListingSize: 16_777_216,
        stallMs: 7000,
        verifierThreads: 2,
        maxAssembledBytes: 5_000_000_000,
      },
      admission: {
        readsPerSecond: 0,
        callsPerSecond: 50,
        connectionsPerAddress: 70,
        trustedProxies: ['::1', '10.0.0.0/8'],
      },
      askedUpstreams: ['https://cache.example.org', 'http://10.0.0.1:8080'],
      issuers: {
        named: [
          'https://token.actions.githubusercontent.com',
          'https://gitlab.com',
          'https://gitlab.example.org',
          'http://localhost:1',
        ],
        others: true,
      },
      upkeep: { intervalMs: 300_000, graceMs: 1_800_000 },
    })
  })

  test('takes the command line before the environment', () => {
    const config = parseServerConfig(
      { listen: 'localhost:0', data: '/a', serviceKeyFile: '/a.key' },
      { CACHIX_SERVE_LISTEN: 'x:1', CACHIX_SERVE_DATA: '/b', CACHIX_SERVE_SERVICE_KEY_FILE: '/b.key' },
    )
    assert.deepEqual([config.listen.host, config.listen.port, config.packs], ['localhost', 0, '/a'])
    assert.equal(config.serviceKey.path, '/a.key')
  })

  test('may say that no upstream is asked', () => {
    assert.deepEqual(parseServerConfig({ askUpstreams: 'none' }).askedUpstreams, [])
  })

  test('names everything that is wrong with it at once', () => {
    const environment = {
      CACHIX_SERVE_PUBLIC_URL: 'https://example.org/path',
      CACHIX_SERVE_DATABASE: 'mysql://x',
      CACHIX_SERVE_MAX_NAR_SIZE: 'much',
      CACHIX_SERVE_ASK_UPSTREAMS: 'https://cache.nixos.org,http://x/path',
      CACHIX_SERVE_PORT: '80',
      CACHIX_SERVE_SERVICE_KEY_FILE: '',
    }
    assert.throws(
      () => parseServerConfig({ listen: '8080' }, environment),
      (error: Error) => {
        for (const part of [
          '--listen or CACHIX_SERVE_LISTEN: must be HOST:PORT',
          'CACHIX_SERVE_PUBLIC_URL: must be no more than',
          'CACHIX_SERVE_DATABASE: must be a URL that begins with postgres://',
          'CACHIX_SERVE_MAX_NAR_SIZE: ',
          '--service-key-file or CACHIX_SERVE_SERVICE_KEY_FILE: must be the name of a file',
          '--ask-upstreams or CACHIX_SERVE_ASK_UPSTREAMS: must be http(s)://HOST[:PORT]',
          'CACHIX_SERVE_PORT is not known',
        ]) {
          assert.ok(error.message.includes(part), `${part} is not in ${error.message}`)
        }
        return true
      },
    )
  })

  test('does not take a variable that was left empty, or half a number, for a number', () => {
    for (const text of ['', ' ', '-1', '1e9', '0x10', '5h', 'Infinity']) {
      for (const name of ['GRACE_HOURS', 'MAX_ASSEMBLED_BYTES', 'CALLS_PER_SECOND', 'MAX_NAR_SIZE']) {
        const wrong = new RegExp(`${name}: must be a (whole )?number from [01] on$`)
        assert.throws(() => parseServerConfig({}, { [`CACHIX_SERVE_${name}`]: text }), wrong)
      }
    }
    assert.throws(
      () => parseServerConfig({}, { CACHIX_SERVE_VERIFIER_THREADS: '65' }),
      /VERIFIER_THREADS: must be a whole number from 1 to 64$/,
    )
  })
})
