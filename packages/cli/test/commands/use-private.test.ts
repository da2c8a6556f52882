import assert from 'node:assert/strict'
import { chmod, readdir, stat, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { cache, ownerToken } from '../local-cachix.ts'
import { machine, read } from './nix-machine.ts'

describe('cachix use of a private cache', () => {
  const entry = `machine secret.cachix.example login cachix password ${ownerToken}\n`

  it('puts the token into a netrc of the user, and tells Nix where that is', async () => {
    await using m = await machine()
    const { status } = await m.run('use', 'secret', '--mode', 'user-nixconf')
    const netrc = m.directory.at('home', 'nix', 'netrc')
    assert.equal(status, 0)
    assert.equal(await read(netrc), entry)
    assert.equal((await stat(netrc)).mode & 0o777, 0o600)
    const conf = await read(m.userConf)
    assert.ok(conf.endsWith(`\nnetrc-file = ${netrc}\n`))
    await m.run('use', 'secret', '--mode', 'user-nixconf')
    assert.equal(await read(m.userConf), conf)
    assert.equal(await read(netrc), entry)
  })

  it('puts it into the netrc that is in use, and makes that private', async () => {
    await using m = await machine()
    const netrc = m.directory.at('other-netrc')
    await writeFile(netrc, 'machine a login b password c\n', { mode: 0o644 })
    await writeFile(m.systemConf, `netrc-file = ${netrc}\n`)
    await m.run('use', 'secret', '--mode', 'root-nixconf')
    assert.equal(await read(netrc), `${entry}machine a login b password c\n`)
    assert.equal((await stat(netrc)).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(m.directory.at('etc')), ['nix.conf'])
  })

  it('leaves the netrc of the system to the group that may read it', async () => {
    await using m = await machine()
    const netrc = m.directory.at('etc', 'netrc')
    await writeFile(netrc, 'machine a login b password c\n')
    await chmod(netrc, 0o640)
    const { stderr } = await m.run('use', 'secret', '--mode', 'root-nixconf')
    assert.equal((await stat(netrc)).mode & 0o777, 0o640)
    assert.ok(!stderr.includes('Note: only the owner'))
    await m.run('remove', 'secret')
    assert.equal((await stat(netrc)).mode & 0o777, 0o640)
  })

  it('tells that other users of the machine have no token for what the daemon does not do', async () => {
    await using m = await machine()
    const { stderr } = await m.run('use', 'secret', '--mode', 'root-nixconf')
    assert.match(stderr, /Note: only the owner of .*netrc, and the Nix daemon.*--mode user-nixconf/)
  })

  it('names the bare host, and warns where another cache of that host loses its token', async () => {
    await using m = await machine()
    m.service.caches.set(
      'inpath',
      cache('inpath', { isPublic: false, uri: 'https://cachix.example:8443/inpath' }),
    )
    const netrc = m.directory.at('etc', 'netrc')
    const ofInPath = `machine cachix.example login cachix password ${ownerToken}\n`
    const first = await m.run('use', 'inpath', '--mode', 'root-nixconf')
    assert.equal(await read(netrc), ofInPath)
    const again = await m.run('use', 'inpath', '--mode', 'root-nixconf')
    assert.doesNotMatch(first.stderr + again.stderr, /another token/)
    await writeFile(netrc, 'machine cachix.example login cachix password another\n')
    const { stderr } = await m.run('use', 'inpath', '--mode', 'root-nixconf')
    assert.match(stderr, /had another token for cachix.example. Nix sends one token to all caches there/)
    assert.equal(await read(netrc), ofInPath)
  })

  it('puts it beside the nix.conf of the system, where Nix looks by itself', async () => {
    await using m = await machine()
    await m.run('use', 'secret', '--mode', 'root-nixconf')
    assert.equal(await read(m.directory.at('etc', 'netrc')), entry)
    assert.ok(!(await read(m.systemConf)).includes('netrc-file'))
  })

  it('tells that Nix no longer reads the netrc of the system', async () => {
    await using m = await machine()
    await writeFile(m.directory.at('etc', 'netrc'), 'machine a login b password c\n')
    const { stderr } = await m.run('use', 'secret', '--mode', 'user-nixconf')
    assert.match(stderr, /instead of .*etc\/netrc/)
  })
})
