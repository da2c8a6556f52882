import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { findNetrcLogin, removeNetrcEntry, setNetrcEntry } from '../../src/nix/netrc.ts'

const machine = 'mycache.example.org'
const line = `machine ${machine} login cachix password secret\n`

function set(text: string): string {
  return setNetrcEntry(text, { machine, password: 'secret' })
}

describe('setting an entry', () => {
  it('puts it before everything else, where `default` cannot hide it', () => {
    assert.equal(set(''), line)
    assert.equal(set('default login me password x\n'), `${line}default login me password x\n`)
  })

  it('replaces what the host had, on however many lines', () => {
    const before = 'machine other login a password b\n'
    const after = '# mine\nmachine third\n  login c\n  password d\n'
    for (const entry of [
      `machine ${machine} password old\n`,
      `machine ${machine}\n  login x\n\tpassword old\n`,
      `machine "${machine}" login "a b" password "o\\"ld"\n`,
    ]) {
      assert.equal(set(before + entry + after), before + line + after)
    }
  })

  it('leaves one entry where there were two', () => {
    assert.equal(
      set(`machine ${machine} password a\nmachine x password b\nmachine ${machine} password c\n`),
      `${line}machine x password b\n`,
    )
  })

  it('is not misled by comments, passwords and macros that look like entries', () => {
    const text = [
      `# machine ${machine} password no`,
      `machine a login machine password ${machine}`,
      'macdef init',
      `machine ${machine} password no`,
      '',
      'machine b login x password "machine"',
      '',
    ].join('\n')
    assert.equal(set(text), line + text)
  })
})

describe('removing an entry', () => {
  it('leaves words alone that mean nothing', () => {
    assert.equal(removeNetrcEntry(`${line}stray words\n`, machine), 'stray words\n')
  })

  it('takes its lines and nothing else', () => {
    assert.equal(
      removeNetrcEntry(`machine a login b password c\n${line}# end\n`, machine),
      'machine a login b password c\n# end\n',
    )
    assert.equal(removeNetrcEntry(`machine ${machine} login x\n  password y`, machine), '')
    assert.equal(
      removeNetrcEntry(`machine ${machine} password x machine a password y\n`, machine),
      ' machine a password y\n',
    )
  })
})

describe('the login of a host', () => {
  it('is in its first entry, or in `default` if that comes before', () => {
    const text = `machine other login a password b\n${line}machine ${machine} login x password y\n`
    assert.deepEqual(findNetrcLogin(text, machine), { login: 'cachix', password: 'secret' })
    const first = `default login d password "e \\"f"\n${text}`
    assert.deepEqual(findNetrcLogin(first, machine), { login: 'd', password: 'e "f' })
    assert.equal(findNetrcLogin(text, 'nobody'), undefined)
  })

  it('may be a password alone', () => {
    assert.deepEqual(findNetrcLogin('machine m password p account x', 'm'), { login: '', password: 'p' })
  })
})

const value = fc.stringMatching(/^[a-z0-9.]{1,8}$/)
const entry = fc
  .record({
    host: value,
    login: value,
    password: value,
    blank: fc.constantFrom(' ', '\n  ', '\t'),
    end: fc.constantFrom('\n', '\n\n', '\n# note\n'),
  })
  .map(
    ({ host, login, password, blank, end }) =>
      ['machine', host, 'login', login, 'password', password].join(blank).replace(/^machine\s+/, 'machine ') +
      end,
  )
const file = fc.array(entry, { maxLength: 5 }).map((entries) => entries.join(''))

describe('any netrc', () => {
  it('changes once, and is as it was after the entry is removed', () => {
    fc.assert(
      fc.property(file, (text) => {
        const once = set(text)
        assert.equal(set(once), once)
        assert.equal(removeNetrcEntry(once, machine), text)
      }),
    )
  })

  it('never fails, whatever bytes it has', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.ok(set(text).includes(machine))
        assert.equal(typeof removeNetrcEntry(text, machine), 'string')
      }),
    )
  })
})
