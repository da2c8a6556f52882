import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { fingerprint } from '../src/fingerprint.ts'
import { parsePublicKey, parseSecretKey } from '../src/keys.ts'
import { parseNarInfo } from '../src/narinfo.ts'
import { isSignature, parseSignature, renderSignature, sign, verify } from '../src/signature.ts'
import { goldenNames, goldenText } from './golden.ts'
import { parsesOrThrows } from './parses-or-throws.ts'

const secretKey = parseSecretKey(goldenText('keys/secret'), 'unused')
const publicKey = parsePublicKey(goldenText('keys/public'))
const good = `key-1:${Buffer.alloc(64).toString('base64')}`

describe('signature', () => {
  for (const name of goldenNames('cache', '.narinfo')) {
    const info = parseNarInfo(goldenText(name))
    const [signature = ''] = info.signatures

    it(`is the one Nix made for ${info.storePath}`, async () => {
      assert.equal(await sign(secretKey, fingerprint(info)), signature)
    })

    it(`verifies the one Nix made for ${info.storePath}`, async () => {
      assert.equal(await verify(publicKey, fingerprint(info), signature), true)
    })

    it(`does not verify for anything but ${info.storePath}`, async () => {
      const other = fingerprint({ ...info, narSize: info.narSize + 1 })
      assert.equal(await verify(publicKey, other, signature), false)
    })
  }

  it('does not verify under another key name, with another key, or if it is none', async () => {
    const signature = await sign(secretKey, 'text')
    assert.equal(await verify({ ...publicKey, name: 'other-1' }, 'text', signature), false)
    assert.equal(await verify({ ...publicKey, bytes: new Uint8Array(32).fill(9) }, 'text', signature), false)
    assert.equal(await verify(publicKey, 'text', 'golden-1:'), false)
  })

  it('is read and written as one text', () => {
    assert.deepEqual(parseSignature(good), { keyName: 'key-1', bytes: new Uint8Array(64) })
    assert.equal(renderSignature(parseSignature(good)), good)
  })

  const base64 = good.slice('key-1:'.length)
  const bad = {
    nothing: '',
    'no key name': `:${base64}`,
    'no colon': base64,
    'two colons': `a:b:${base64}`,
    'a blank in the key name': `key 1:${base64}`,
    'a line break': `${good}\n`,
    '63 bytes': `key-1:${Buffer.alloc(63).toString('base64')}`,
    '65 bytes': `key-1:${Buffer.alloc(65).toString('base64')}`,
    'stray bits': `key-1:${base64.slice(0, 85)}B==`,
    'base64 of URLs': `key-1:_${base64.slice(1)}`,
  }
  for (const [what, text] of Object.entries(bad)) {
    it(`is refused with ${what}`, () => {
      assert.equal(isSignature(text), false)
      assert.throws(() => parseSignature(text), { name: 'FormatError', code: 'signature' })
    })
  }

  it('is read from any text or its own error thrown', () => {
    fc.assert(
      fc.property(fc.string(), (text) => void parsesOrThrows(() => parseSignature(text), 'signature')),
    )
  })
})
