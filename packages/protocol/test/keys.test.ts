import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  checkSecretKey,
  parsePublicKey,
  parseSecretKey,
  publicKeyOf,
  renderPublicKey,
  renderSecretKey,
  secretKeyFromSeed,
} from '../src/keys.ts'
import { goldenText } from './golden.ts'

const secretText = goldenText('keys/secret')
const publicText = goldenText('keys/public')
const bareSecret = secretText.slice(secretText.indexOf(':') + 1)

describe('keys', () => {
  it('reads and writes the key files of Nix', () => {
    assert.equal(renderSecretKey(parseSecretKey(secretText, 'unused')), secretText)
    assert.equal(renderPublicKey(parsePublicKey(publicText)), publicText)
  })

  it('finds the public key in the secret one', () => {
    assert.equal(renderPublicKey(publicKeyOf(parseSecretKey(secretText, 'unused'))), publicText)
  })

  it("reads Cachix's base64 without a name", () => {
    const key = parseSecretKey(bareSecret, 'mine-1')
    assert.equal(renderSecretKey(key), `mine-1:${bareSecret}`)
  })

  it('ignores a line break at the end', () => {
    assert.equal(parseSecretKey(`${bareSecret}\n`, 'mine-1').name, 'mine-1')
    assert.equal(renderPublicKey(parsePublicKey(`${publicText}\r\n`)), publicText)
  })

  it('makes from a seed the very key Nix made', async () => {
    const { name, seed } = parseSecretKey(secretText, 'unused')
    assert.equal(renderSecretKey(await secretKeyFromSeed(name, seed)), secretText)
  })

  it('tells a secret key whose halves belong together from one whose do not', async () => {
    const key = parseSecretKey(secretText, 'unused')
    assert.equal(await checkSecretKey(key), true)
    assert.equal(await checkSecretKey({ ...key, publicKey: key.seed }), false)
  })

  const base64 = publicText.slice(publicText.indexOf(':') + 1)
  const badPublic = {
    nothing: '',
    'no name': `:${base64}`,
    'no colon': base64,
    'no base64': 'name:',
    'a name with a blank': `my key:${base64}`,
    'base64 of another length': `name:${bareSecret}`,
    'base64 without padding': `name:${base64.slice(0, -1)}`,
    'base64 over two lines': `name:${base64.slice(0, 20)}\n${base64.slice(20)}`,
    'base64 of URLs': `name:${'-'.repeat(43)}=`,
  }
  for (const [what, text] of Object.entries(badPublic)) {
    it(`refuses a public key with ${what}`, () => {
      assert.throws(() => parsePublicKey(text), { name: 'FormatError', code: 'key' })
    })
  }

  for (const text of ['', 'mine:', publicText, base64, `a:b:${bareSecret}`, `${bareSecret}=`]) {
    it(`refuses ${JSON.stringify(text.slice(0, 24))} as a secret key, without repeating it`, () => {
      assert.throws(
        () => parseSecretKey(text, 'mine-1'),
        (error: Error) =>
          'code' in error && error.code === 'key' && !(text && error.message.includes(text.slice(0, 24))),
      )
    })
  }
})
