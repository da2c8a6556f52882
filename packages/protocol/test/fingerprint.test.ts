import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fingerprint } from '../src/fingerprint.ts'

const info = { storePath: '/s/00-a', narHash: 'sha256:0', narSize: 120, references: [] as string[] }

it('fingerprint ends in nothing if there are no references', () => {
  assert.equal(fingerprint(info), '1;/s/00-a;sha256:0;120;')
})

it('fingerprint holds each reference once, as a full path, in the order of bytes', () => {
  const references = ['00-b', '00-a', '00-B', '00-a-1', '00-b']
  assert.equal(
    fingerprint({ ...info, references }),
    '1;/s/00-a;sha256:0;120;/s/00-B,/s/00-a,/s/00-a-1,/s/00-b',
  )
})
