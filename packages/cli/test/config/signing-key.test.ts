import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKey } from '../../src/config/saved-keys.ts'
import { findSigningKeys } from '../../src/config/signing-key.ts'

const [older, newer, other] = await Promise.all([generateKey('c'), generateKey('c'), generateKey('c')])
const config = {
  binaryCaches: [
    { name: 'c', secretKey: older.secretKey },
    { name: 'c', secretKey: newer.secretKey },
    { name: 'd', secretKey: other.secretKey },
  ],
}

async function publicKey(environment: NodeJS.ProcessEnv, name = 'c'): Promise<string | undefined> {
  const [key] = await findSigningKeys(name, config, environment)
  return key && Buffer.from(key.publicKey).toString('base64')
}

describe('the signing key', () => {
  it('is the newest saved one of the cache', async () => {
    assert.equal(await publicKey({}), newer.publicKey)
    assert.equal(await publicKey({}, 'nobody'), undefined)
  })

  it('is rather the one of the environment, as cachix or as Nix writes it', async () => {
    assert.equal(await publicKey({ CACHIX_SIGNING_KEY: `${other.secretKey}\n` }), other.publicKey)
    assert.equal(await publicKey({ CACHIX_SIGNING_KEY: `any-name-1:${other.secretKey}` }), other.publicKey)
  })

  it('may be one of several', async () => {
    const all = await findSigningKeys('c', config, {})
    assert.deepEqual(
      all.map((key) => Buffer.from(key.publicKey).toString('base64')),
      [newer.publicKey, older.publicKey],
    )
    const environment = { CACHIX_SIGNING_KEY: `${other.secretKey} \n ${older.secretKey}\n` }
    assert.equal((await findSigningKeys('c', config, environment)).length, 2)
  })

  it('is refused when it is no key, or a damaged one', async () => {
    await assert.rejects(
      publicKey({ CACHIX_SIGNING_KEY: 'hello' }),
      /CACHIX_SIGNING_KEY is not a signing key/,
    )
    const halves = Buffer.concat([
      Buffer.from(older.secretKey, 'base64').subarray(0, 32),
      Buffer.from(newer.secretKey, 'base64').subarray(32),
    ])
    await assert.rejects(publicKey({ CACHIX_SIGNING_KEY: halves.toString('base64') }), /damaged/)
  })
})
