import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { parseCacheInfo, renderCacheInfo } from '../src/cache-info.ts'
import { goldenText } from './golden.ts'
import { parsesOrThrows } from './parses-or-throws.ts'

describe('cache info', () => {
  it('reads what Nix writes', () => {
    const info = { storeDir: '/nix/store', wantMassQuery: false, priority: 0 }
    assert.deepEqual(parseCacheInfo(goldenText('cache/nix-cache-info')), info)
  })

  it('writes all three fields', () => {
    const text = renderCacheInfo({ storeDir: '/nix/store', wantMassQuery: true, priority: 41 })
    assert.equal(text, 'StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 41\n')
    assert.deepEqual(parseCacheInfo(text), { storeDir: '/nix/store', wantMassQuery: true, priority: 41 })
  })

  it('skips what it does not know', () => {
    const text = 'no colon here\nPriority:7 \nConstructor: x\n\nWantMassQuery: yes'
    assert.deepEqual(parseCacheInfo(text), { storeDir: '/nix/store', wantMassQuery: false, priority: 7 })
  })

  it('refuses a priority that is no number', () => {
    assert.throws(() => parseCacheInfo('Priority: high\n'), { name: 'FormatError', code: 'cache-info' })
  })

  it('reads any text or throws its own error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => void parsesOrThrows(() => parseCacheInfo(text), 'cache-info')),
    )
  })
})
