import assert from 'node:assert/strict'
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { cache, ownerToken } from '../local-cachix.ts'
import { runCli } from '../run-cli.ts'
import { machine, mine, read } from './nix-machine.ts'

const lines = `extra-substituters = ${mine.uri}\nextra-trusted-public-keys = ${mine.publicSigningKeys.join(' ')}\n`

function numberedKey(number: number): string {
  return `mine.cachix.example-${number}:${Buffer.alloc(32, number).toString('base64')}`
}

describe('cachix use', () => {
  it('adds the cache to the nix.conf of the user, once', async () => {
    await using m = await machine()
    const first = await m.run('use', 'mine', '--mode', 'user-nixconf')
    assert.equal(first.status, 0)
    assert.equal(first.stdout, `Configured ${mine.uri} binary cache in ${m.userConf}\n`)
    assert.equal(await read(m.userConf), lines)
    const second = await m.run('use', 'mine', '--mode', 'user-nixconf')
    assert.equal(second.stdout, `${mine.uri} is configured already: nothing to change in ${m.userConf}\n`)
    assert.equal(await read(m.userConf), lines)
  })

  it('adds it to the nix.conf of the system, keeping what is there', async () => {
    await using m = await machine()
    await writeFile(m.systemConf, '# mine\nextra-substituters = https://a # b\nmax-jobs = 2\n', {
      mode: 0o664,
    })
    const { status } = await m.run('use', 'mine', '--mode', 'root-nixconf')
    assert.equal(status, 0)
    assert.equal(
      await read(m.systemConf),
      `# mine\nextra-substituters = https://a ${mine.uri} # b\nmax-jobs = 2\nextra-trusted-public-keys = ${mine.publicSigningKeys[0]}\n`,
    )
  })

  it('writes nothing for a user whose system has the cache', async () => {
    await using m = await machine()
    await writeFile(m.systemConf, lines)
    await m.run('use', 'mine', '--mode', 'user-nixconf')
    assert.deepEqual(await readdir(m.directory.at('home', 'nix')), [])
  })

  it('adds it to a directory of its own', async () => {
    await using m = await machine()
    const { status } = await m.run('use', 'mine', '-O', m.directory.at('new', 'place'))
    assert.equal(status, 0)
    assert.equal(await read(m.directory.at('new', 'place', 'nix.conf')), lines)
  })

  it('replaces a key the cache no longer has', async () => {
    await using m = await machine()
    const old = `mine.cachix.example-1:${Buffer.alloc(32, 1).toString('base64')}`
    await writeFile(m.userConf, `extra-trusted-public-keys = other-1:AAAA ${old}\n`)
    await m.run('use', 'mine', '--mode', 'user-nixconf')
    assert.equal(
      await read(m.userConf),
      `extra-trusted-public-keys = other-1:AAAA ${mine.publicSigningKeys[0]}\nextra-substituters = ${mine.uri}\n`,
    )
  })

  it("uses Determinate's file for one's own settings", async () => {
    await using m = await machine()
    const managed = '# managed by Determinate Nix\n!include nix.custom.conf\n'
    await writeFile(m.systemConf, managed)
    const { status, stderr } = await m.run('use', 'mine', '--mode', 'root-nixconf')
    assert.deepEqual([status, stderr], [0, ''])
    assert.equal(await read(m.systemConf), managed)
    assert.equal(await read(m.directory.at('etc', 'nix.custom.conf')), lines)
  })

  it('drops a key that was retired, and no other key', async () => {
    await using m = await machine()
    m.service.caches.set('mine', cache('mine', { publicSigningKeys: [numberedKey(1), numberedKey(2)] }))
    await m.run('use', 'mine', '--mode', 'user-nixconf')
    const others = `extra-trusted-public-keys = mine-1:x mine.example.com-1:x mine.cachix.example:x\n`
    await writeFile(m.userConf, (await read(m.userConf)) + others)
    assert.ok((await read(m.userConf)).includes(`${numberedKey(1)} ${numberedKey(2)}`))
    m.service.caches.set('mine', cache('mine', { publicSigningKeys: [numberedKey(2), numberedKey(3)] }))
    await m.run('use', 'mine', '--mode', 'user-nixconf')
    const text = await read(m.userConf)
    assert.ok(!text.includes(numberedKey(1)))
    for (const kept of [numberedKey(2), numberedKey(3), 'mine-1:x', 'mine.example.com-1:x'])
      assert.ok(text.includes(kept), kept)
  })

  it('warns when the system replaces what was added', async () => {
    await using m = await machine()
    await writeFile(m.systemConf, '!include nix.custom.conf\nsubstituters = https://only\n')
    const { stderr } = await m.run('use', 'mine', '--mode', 'root-nixconf')
    assert.match(stderr, /^Warning: it has no effect yet: /)
  })

  it('edits the target of a link, but not one in the Nix store', async () => {
    await using m = await machine()
    await writeFile(m.directory.at('dotfiles'), '')
    await symlink(m.directory.at('dotfiles'), m.userConf)
    await m.run('use', 'mine', '--mode', 'user-nixconf')
    assert.equal(await read(m.directory.at('dotfiles')), lines)

    await mkdir(m.directory.at('store'))
    await writeFile(m.directory.at('store', 'made-nix.conf'), '')
    await symlink(m.directory.at('store', 'made-nix.conf'), m.systemConf)
    const { status, stderr } = await runCli(['use', 'mine', '--mode', 'root-nixconf'], {
      NIX_STORE_DIR: m.directory.at('store'),
      NIX_CONF_DIR: m.directory.at('etc'),
      CACHIX_HOST: m.service.host,
      CACHIX_AUTH_TOKEN: '',
    })
    assert.equal(status, 1)
    assert.match(stderr, /is made by NixOS or home-manager and cannot be edited\. .*--print/)
    assert.equal(await read(m.directory.at('store', 'made-nix.conf')), '')
  })

  it('prints without touching anything', async () => {
    await using m = await machine()
    const { status, stdout } = await m.run('use', 'secret', '--print')
    assert.equal(status, 0)
    assert.match(
      stdout,
      /^extra-substituters = https:\/\/secret\.cachix\.example\nextra-trusted-public-keys = secret/,
    )
    assert.match(stdout, /--option extra-substituters 'https:\/\/secret\.cachix\.example'/)
    assert.ok(
      stdout
        .split('\n')
        .slice(2)
        .every((line) => line === '' || line.startsWith('#')),
    )
    assert.ok(!stdout.includes(ownerToken))
    assert.deepEqual((await readdir(m.directory.path, { recursive: true })).sort(), [
      'etc',
      'home',
      'home/nix',
    ])
  })

  it('writes modules for NixOS', async () => {
    await using m = await machine()
    const { status, stdout } = await m.run('use', 'mine', '--mode', 'nixos', '-d', m.directory.at('nixos'))
    assert.equal(status, 0)
    assert.match(stdout, /imports = \[ \.\/cachix\.nix \];/)
    assert.match(stdout, /nixos-rebuild switch/)
    assert.match(await read(m.directory.at('nixos', 'cachix.nix')), /readDir/)
    assert.match(await read(m.directory.at('nixos', 'cachix', 'mine.nix')), /https:\/\/mine\.cachix\.example/)
  })

  it('refuses a cache that does not exist, and one a stranger may not see, in a sentence', async () => {
    await using m = await machine()
    const unknown = await m.run('use', 'nobody')
    assert.deepEqual(
      [unknown.status, unknown.stderr],
      [1, `There is no binary cache nobody at ${m.service.host}.\n`],
    )
    const stranger = await runCli(['use', 'secret'], { CACHIX_HOST: m.service.host, CACHIX_AUTH_TOKEN: '' })
    assert.equal(stranger.status, 1)
    assert.match(
      stranger.stderr,
      /^Binary cache secret doesn't exist or you're not authorized .*\n.*cachix authtoken TOKEN\.\n$/,
    )
  })

  it('writes nothing a service has no business to write', async () => {
    await using m = await machine()
    for (const change of [
      { uri: 'https://x\nrequire-sigs = false' },
      { uri: 'file:///' },
      { publicSigningKeys: ['x-1:AAAA'] },
    ]) {
      m.service.caches.set('evil', cache('evil', change))
      const { status, stderr } = await m.run('use', 'evil', '--mode', 'user-nixconf')
      assert.equal(status, 1)
      assert.match(stderr, /an address or a key that is not one/)
    }
    assert.deepEqual(await readdir(m.directory.at('home', 'nix')), [])
  })
})

describe('cachix remove', () => {
  const original = '# mine\nextra-substituters = https://a  # b\ncores = 4'

  it('undoes `use` byte for byte, netrc included', async () => {
    await using m = await machine()
    for (const [name, mode] of [
      ['mine', 'user-nixconf'],
      ['secret', 'user-nixconf'],
      ['secret', 'root-nixconf'],
    ] as const) {
      await writeFile(m.userConf, original)
      await writeFile(m.systemConf, original)
      assert.equal((await m.run('use', name, '--mode', mode)).status, 0)
      assert.notEqual((await read(m.userConf)) + (await read(m.systemConf)), original + original)
      const { status, stdout } = await m.run('remove', name)
      assert.equal(status, 0)
      assert.match(stdout, /^Removed https:\/\//)
      assert.equal(await read(m.userConf), original)
      assert.equal(await read(m.systemConf), original)
    }
    assert.deepEqual(await readdir(m.directory.at('home', 'nix')), ['nix.conf'])
    assert.deepEqual(await readdir(m.directory.at('etc')), ['nix.conf'])
  })

  it('leaves other entries of netrc', async () => {
    await using m = await machine()
    const netrc = m.directory.at('etc', 'netrc')
    await writeFile(netrc, 'machine a login b password c\n')
    await m.run('use', 'secret', '--mode', 'root-nixconf')
    await m.run('remove', 'secret', '--mode', 'root-nixconf')
    assert.equal(await read(netrc), 'machine a login b password c\n')
  })

  it('undoes modules of NixOS', async () => {
    await using m = await machine()
    const folder = m.directory.at('nixos')
    await m.run('use', 'mine', '--mode', 'nixos', '-d', folder)
    const { stdout } = await m.run('remove', 'mine', '-d', folder)
    assert.match(stdout, /nixos-rebuild switch/)
    assert.deepEqual(await readdir(m.directory.at('nixos', 'cachix')), [])
  })

  it('finds a cache without its service, under the names services give', async () => {
    await using m = await machine()
    const before = `substituters = https://cache.nixos.org\n`
    await writeFile(
      m.userConf,
      `${before}extra-substituters = https://mine.cachix.example/\nextra-trusted-public-keys = mine.cachix.example-1:AAAA mine2.cachix.example-1:BBBB\n`,
    )
    const { status } = await m.run('remove', 'mine', '--host', 'https://cachix.example')
    assert.equal(status, 0)
    assert.equal(await read(m.userConf), `${before}extra-trusted-public-keys = mine2.cachix.example-1:BBBB\n`)
  })

  it('says so when there is nothing to remove', async () => {
    await using m = await machine()
    const { status, stdout } = await m.run('remove', 'mine')
    assert.deepEqual([status, stdout], [0, "No binary cache mine found in Nix's settings.\n"])
  })
})
