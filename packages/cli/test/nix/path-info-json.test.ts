import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parsePathInfoJson } from '../../src/nix/path-info-json.ts'

const storeDir = '/nix/store'
const name = `${'a'.repeat(32)}-b`
const library = `${'c'.repeat(32)}-library`
const absent = `${'0'.repeat(32)}-absent`
const signature = `test-1:${'A'.repeat(86)}==`
const hash = 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='

const expected = {
  storePath: `${storeDir}/${name}`,
  narHash: 'sha256:1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s',
  narSize: 200,
  references: [name, library],
  deriver: `${'d'.repeat(32)}-b.drv`,
  signatures: [signature],
  ca: 'fixed:r:sha256:1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s',
}

const full = (base: string): string => `${storeDir}/${base}`
const info = {
  narHash: hash,
  narSize: 200,
  references: [full(library), full(name)],
  deriver: full(expected.deriver),
  signatures: [signature],
  ca: expected.ca,
  registrationTime: 1,
  ultimate: true,
}
const compactInfo = {
  ...info,
  references: [library, name],
  deriver: expected.deriver,
  ca: { method: 'nar', hash },
  storeDir,
  version: 2,
}
const absentEverything = { references: null, deriver: null, signatures: null, ca: null }

describe('every shape of nix path-info --json is read', () => {
  const shapes: Record<string, unknown> = {
    'an array, 2.0 to 2.18': [
      { path: full(name), ...info },
      { path: full(absent), valid: false },
    ],
    'an object by path, 2.19 to 2.32': { [full(name)]: info, [full(absent)]: null },
    'format 2': { version: 2, storeDir, info: { [name]: compactInfo, [absent]: null } },
    'format 3': {
      version: 3,
      storeDir,
      info: {
        [name]: { ...compactInfo, signatures: [{ keyName: 'test-1', sig: `${'A'.repeat(86)}==` }] },
        [absent]: null,
      },
    },
  }
  for (const [shape, document] of Object.entries(shapes)) {
    test(shape, () => {
      const infos = parsePathInfoJson(JSON.stringify(document), storeDir)
      assert.deepEqual(infos.get(name), expected)
      assert.equal(infos.get(absent), undefined)
      assert.equal(infos.size, 2)
    })
  }
})

test('what is absent is left out or null', () => {
  const bare = { narHash: hash, narSize: 200 }
  const document = { [full(name)]: { ...bare, ...absentEverything }, [full(library)]: bare }
  for (const parsed of parsePathInfoJson(JSON.stringify(document), storeDir).values()) {
    assert.deepEqual(parsed?.references, [])
    assert.deepEqual(parsed?.signatures, [])
    assert.equal(parsed?.deriver, undefined)
    assert.equal(parsed?.ca, undefined)
  }
})

test('hashes in any spelling come out in one', () => {
  const hex = `sha256:${Buffer.from(hash.slice('sha256-'.length), 'base64').toString('hex')}`
  for (const narHash of [hash, hex, expected.narHash]) {
    const infos = parsePathInfoJson(JSON.stringify([{ path: full(name), ...info, narHash }]), storeDir)
    assert.equal(infos.get(name)?.narHash, expected.narHash)
  }
})
