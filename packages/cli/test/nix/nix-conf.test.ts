import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import {
  addToList,
  appendSetting,
  effectiveValues,
  parseNixConf,
  removeFromList,
  removeSetting,
} from '../../src/nix/nix-conf.ts'
import type { Setting } from '../../src/nix/nix-conf.ts'

const uri = 'https://mycache.example.org'

function add(text: string, value: string = uri): string {
  return addToList(text, { name: 'substituters', value })
}

function remove(text: string): string {
  return removeFromList(text, 'substituters', (value) => value === uri)
}

function replaces(include: string): boolean {
  return include === 'other.conf'
}

function settings(text: string): readonly Setting[] {
  return parseNixConf(text).filter((line): line is Setting => 'name' in line)
}

describe('adding to a list', () => {
  it('starts a file', () => {
    assert.equal(add(''), `extra-substituters = ${uri}\n`)
  })

  it('appends a line, and leaves the file without a newline at its end as it was', () => {
    assert.equal(add('# mine\ncores = 4\n'), `# mine\ncores = 4\nextra-substituters = ${uri}\n`)
    assert.equal(add('cores = 4'), `cores = 4\nextra-substituters = ${uri}`)
  })

  it('keeps the line endings of Windows', () => {
    assert.equal(add('cores = 4\r\n'), `cores = 4\r\nextra-substituters = ${uri}\r\n`)
  })

  it('joins a line that adds already, before its comment', () => {
    assert.equal(
      add('extra-substituters = https://a  # ours\ncores = 4\n'),
      `extra-substituters = https://a ${uri}  # ours\ncores = 4\n`,
    )
    assert.equal(add('extra-binary-caches = https://a\n'), `extra-binary-caches = https://a ${uri}\n`)
  })

  it('does not join a line that a later one replaces', () => {
    const text = 'extra-substituters = https://a\nsubstituters = https://b\n'
    assert.equal(add(text), `${text}extra-substituters = ${uri}\n`)
  })

  it('does not join a line that an included file replaces', () => {
    const text = 'extra-substituters = https://a\ninclude other.conf\n'
    assert.equal(
      addToList(text, { name: 'substituters', value: uri, replaces }),
      `${text}extra-substituters = ${uri}\n`,
    )
    assert.notEqual(add(text), `${text}extra-substituters = ${uri}\n`)
  })

  it('does nothing where the value counts already, in any spelling', () => {
    for (const text of [
      `substituters = ${uri}`,
      `extra-substituters =\thttps://a ${uri}/ # x\n`,
      `binary-caches = ${uri}\r\n`,
      `substituters = https://a ${uri}\nextra-substituters = https://b\n`,
    ]) {
      assert.equal(add(text), text)
    }
  })

  it('adds it again where it is there but does not count', () => {
    const replaced = `extra-substituters = ${uri}\nsubstituters = https://b\n`
    assert.equal(add(replaced), `${replaced}extra-substituters = ${uri}\n`)
    const commentedOut = `# substituters = ${uri}\n`
    assert.equal(add(commentedOut), `${commentedOut}extra-substituters = ${uri}\n`)
  })
})

describe('removing from a list', () => {
  it('drops the line that added nothing else', () => {
    assert.equal(remove(`cores = 4\nextra-substituters = ${uri}\n`), 'cores = 4\n')
  })

  it('keeps the comment of that line', () => {
    assert.equal(remove(`extra-substituters = ${uri} # ours\n`), '# ours\n')
  })

  it('keeps other values and a list that becomes empty', () => {
    assert.equal(
      remove(`substituters = https://a ${uri}  https://b\n`),
      'substituters = https://a  https://b\n',
    )
    assert.equal(remove(`substituters = ${uri}\n`), 'substituters =\n')
  })

  it('does not touch comments or other settings', () => {
    const text = `# ${uri}\nsubstituters = https://a # ${uri}\ntrusted-substituters = ${uri}\n`
    assert.equal(remove(text), text)
  })
})

describe('a setting that is no list', () => {
  it('is appended and taken out again', () => {
    const text = appendSetting('cores = 4\n', 'netrc-file', '/home/me/netrc')
    assert.equal(text, 'cores = 4\nnetrc-file = /home/me/netrc\n')
    assert.equal(removeSetting(text, 'netrc-file', '/elsewhere'), text)
    assert.equal(removeSetting(text, 'netrc-file', '/home/me/netrc'), 'cores = 4\n')
  })
})

describe('what a file comes to', () => {
  it('is what Nix makes of it', () => {
    const text =
      'substituters = a b\nextra-substituters = c # d\nbinary-caches = e\nextra-substituters = f\n!include x\n'
    assert.deepEqual(effectiveValues(settings(text), 'substituters'), ['e', 'f'])
    assert.equal(effectiveValues(settings(text), 'trusted-users'), undefined)
  })
})

const word = fc.stringMatching(/^[a-z:/.-]{1,8}$/)
const line = fc.oneof(
  fc
    .record({
      name: fc.constantFrom(
        'substituters',
        'extra-substituters',
        'binary-caches',
        'extra-binary-caches',
        'cores',
        'trusted-public-keys',
      ),
      values: fc.array(word, { maxLength: 3 }),
      blank: fc.constantFrom(' ', '\t', '   '),
      end: fc.constantFrom('', ' ', ' # note', '#note', '\r'),
    })
    .map(({ name, values, blank, end }) => [name, '=', ...values].join(blank) + end),
  fc.constantFrom('', '# comment', '!include other.conf', 'nonsense', '  '),
  fc.string({ maxLength: 20 }).map((text) => text.replaceAll('\n', '')),
)
const file = fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n'))

describe('any file', () => {
  it('has the value in force after adding, once', () => {
    fc.assert(
      fc.property(file, (text) => {
        const once = add(text)
        assert.equal(
          effectiveValues(settings(once), 'substituters')?.filter((value) => value === uri).length,
          1,
        )
        assert.equal(add(once), once)
      }),
    )
  })

  it('keeps every other line byte for byte', () => {
    fc.assert(
      fc.property(file, (text) => {
        const before = text.split('\n')
        const after = add(text).split('\n')
        const changed = after.filter((line) => line.includes(uri))
        assert.equal(changed.length, 1)
        const others = after.filter((line) => !line.includes(uri))
        assert.ok(before.length - others.length <= 1)
        let index = 0
        for (const line of before) if (line === others[index]) index += 1
        assert.equal(index, others.length)
      }),
    )
  })

  it('is as it was after adding and removing', () => {
    fc.assert(fc.property(file, (text) => assert.equal(remove(add(text)), text)))
  })
})
