import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { currentUser, isTrusted } from '../../src/nix/trust.ts'

const alice = { isRoot: false, name: 'alice', groups: ['alice', 'wheel'] }

describe('a trusted user', () => {
  it('is root, one who is named, one of a named group, or everybody', () => {
    assert.ok(isTrusted({ ...alice, isRoot: true }, []))
    assert.ok(isTrusted(alice, ['root', 'alice']))
    assert.ok(isTrusted(alice, ['@wheel']))
    assert.ok(isTrusted(alice, ['*']))
  })

  it('is nobody else', () => {
    assert.ok(!isTrusted(alice, ['root', '@whee', 'wheel', '@bob']))
    assert.ok(!isTrusted({ ...alice, name: undefined }, ['alice']))
  })
})

describe('the current user', () => {
  it('is known without $USER', async () => {
    const user = await currentUser()
    assert.equal(user.isRoot, process.geteuid?.() === 0)
    assert.ok(user.groups.length > 0)
  })
})
