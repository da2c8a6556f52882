import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { parseNarInfo, renderNarInfo } from '../src/narinfo.ts'
import { goldenNames, goldenText } from './golden.ts'
import { parsesOrThrows } from './parses-or-throws.ts'

const hash = '7bpmq4jwac1c8xxpkddn4m2rp8vsv0m7'
const narHash = 'sha256:0sg9f58l1jj88w6pdrfdpj5x9b1zrwszk84j81zvby36q9whhhqa'
const signature = `key-1:${Buffer.alloc(64).toString('base64')}`
const required = `StorePath: /nix/store/${hash}-tree\nURL: nar/x.nar\nNarHash: ${narHash}\nNarSize: 120\n`
const minimal = {
  storePath: `/nix/store/${hash}-tree`,
  url: 'nar/x.nar',
  compression: 'bzip2',
  narHash,
  narSize: 120,
  references: [],
  signatures: [],
}

describe('narinfo', () => {
  for (const name of goldenNames('cache', '.narinfo')) {
    it(`is written byte for byte as Nix wrote ${name}`, () => {
      assert.equal(renderNarInfo(parseNarInfo(goldenText(name))), goldenText(name))
    })
  }

  it('keeps the blank of empty References, without which clients swallow the next line', () => {
    assert.match(renderNarInfo(minimal), /\nReferences: \n/)
  })

  it('is written with references in the order of bytes, each once', () => {
    const text = renderNarInfo({ ...minimal, references: ['b-b', 'b-B', 'b-a-1', 'b-a', 'b-b'] })
    assert.match(text, /\nReferences: b-B b-a b-a-1 b-b\n/)
  })

  it('refuses to write a value with a line break', () => {
    for (const field of ['storePath', 'url', 'compression', 'narHash', 'deriver', 'ca']) {
      const info = { ...minimal, [field]: 'x\nSig: y' }
      assert.throws(() => renderNarInfo(info), { name: 'FormatError', code: 'narinfo' })
    }
  })

  it('needs four fields', () => {
    assert.deepEqual(parseNarInfo(required), minimal)
    for (const line of required.trimEnd().split('\n')) {
      assert.throws(() => parseNarInfo(required.replace(`${line}\n`, '')), { code: 'narinfo' })
    }
  })

  it('has values that begin two characters after the colon, whatever those are', () => {
    assert.equal(parseNarInfo(required.replace('URL: ', 'URL:X')).url, 'nar/x.nar')
    assert.equal(parseNarInfo(required.replace('URL: ', 'URL:  ')).url, ' nar/x.nar')
  })

  it('swallows the next line after References without its blank, as clients do', () => {
    assert.throws(() => parseNarInfo(`${required}References:\nDeriver: ${hash}-tree.drv\n`), {
      code: 'store-path',
    })
  })

  it('takes the last of repeated fields', () => {
    assert.equal(parseNarInfo(`URL: nar/old\n${required}`).url, 'nar/x.nar')
  })

  it('checks the earlier of repeated fields too', () => {
    assert.throws(() => parseNarInfo(`NarHash: none\n${required}`), { code: 'hash' })
  })

  it('skips unknown fields', () => {
    assert.deepEqual(parseNarInfo(`System: x86_64-linux\nconstructor: x\n: \n${required}`), minimal)
  })

  it('keeps every well-formed Sig and drops the others', () => {
    const sigs = ['', 'no colon', signature, `key-1:${'A'.repeat(40)}`, `other-1:${signature.slice(6)}`]
    const { signatures } = parseNarInfo(required + sigs.map((sig) => `Sig: ${sig}\n`).join(''))
    assert.deepEqual(signatures, [signature, `other-1:${signature.slice(6)}`])
  })

  it('reads hashes in any spelling and gives them in one', () => {
    const sri = 'sha256-4UvV5Ayxnx5XdUHMN8vrvNR/DzAiLJ6hqZJRgPSKPDU='
    const info = parseNarInfo(required.replace(narHash, sri) + `FileHash: ${sri}\nFileSize: 7\n`)
    assert.match(info.narHash, /^sha256:[0-9a-z]{52}$/)
    assert.equal(info.fileHash, info.narHash)
    assert.equal(info.fileSize, 7)
  })

  it('gives no deriver for unknown-deriver', () => {
    assert.equal(parseNarInfo(`${required}Deriver: unknown-deriver\n`).deriver, undefined)
    assert.equal(parseNarInfo(`${required}Deriver: ${hash}-tree.drv\n`).deriver, `${hash}-tree.drv`)
  })

  for (const ca of [
    `text:${narHash}`,
    `fixed:${narHash}`,
    `fixed:r:${narHash}`,
    `fixed:git:sha1:${'0'.repeat(32)}`,
  ]) {
    it(`keeps the content address ${ca.slice(0, 20)}…`, () => {
      assert.equal(parseNarInfo(`${required}CA: ${ca}\n`).ca, ca)
    })
  }

  it('takes an empty CA for none', () => assert.equal(parseNarInfo(`${required}CA: \n`).ca, undefined))

  it('belongs to the store directory asked for', () => {
    assert.equal(parseNarInfo(required.replace('/nix/store', '/s'), '/s').storePath, `/s/${hash}-tree`)
    assert.throws(() => parseNarInfo(required, '/s'), { code: 'store-path' })
  })

  const reference = `References: ${hash}-tree\n`
  const bad = {
    'a store path without its directory': required.replace('/nix/store/', ''),
    'an empty URL': required.replace('nar/x.nar', ''),
    'a NarHash that is no SHA-256': required.replace(narHash, `sha1:${'0'.repeat(32)}`),
    'a FileHash that is no hash': `${required}FileHash: sha256:\n`,
    'NarSize 0': required.replace('120', '0'),
    'a NarSize beyond what can be counted': required.replace('120', '9007199254740992'),
    'a size that is no number': `${required}FileSize: 1e3\n`,
    'a reference that is no base name': `${required}References: /nix/store/${hash}-tree\n`,
    'References twice': required + reference + reference,
    'CA twice': `${required}CA: text:${narHash}\nCA: text:${narHash}\n`,
    'a CA of an unknown kind': `${required}CA: made:${narHash}\n`,
    'an empty Deriver': `${required}Deriver: \n`,
    'no line break at its end': required.trimEnd(),
    'a blank line at its end': `${required}\n`,
    'a comment': `# a comment\n${required}`,
    'Windows line breaks': required.replaceAll('\n', '\r\n'),
  }
  for (const [what, text] of Object.entries(bad)) {
    it(`is refused with ${what}`, () => assert.throws(() => parseNarInfo(text), { name: 'FormatError' }))
  }

  it('is read from any text or its own error thrown', () => {
    const name = fc.constantFrom(
      'StorePath',
      'URL',
      'NarHash',
      'NarSize',
      'References',
      'Deriver',
      'Sig',
      'CA',
      'x',
    )
    const line = fc.oneof(
      fc.string(),
      fc.tuple(name, fc.string()).map(([name, value]) => `${name}: ${value}\n`),
    )
    fc.assert(
      fc.property(fc.array(line), fc.array(line), (before, after) => {
        const text = before.join('') + required + after.join('')
        const info = parsesOrThrows(() => parseNarInfo(text), 'narinfo', 'hash', 'store-path')
        if (info) assert.deepEqual(parseNarInfo(renderNarInfo(info)), info)
      }),
    )
  })
})
