import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PathInfo } from '../../src/nix/store-reader.ts'
import type { PathOutcome } from '../../src/push/path-outcome.ts'
import { isComplete, summarize } from '../../src/push/push-summary.ts'

const info: PathInfo = { storePath: '/nix/store/x', narHash: '', narSize: 1, references: [], signatures: [] }
const pushed: PathOutcome = { status: 'pushed', info, uploaded: 1_500_000 }
const failed: PathOutcome = { status: 'failed', info, error: new Error('x') }
const skipped = (reason: string): PathOutcome => ({ status: 'skipped', info, reason })

test('the closing line counts everything', () => {
  assert.equal(
    summarize({ outcomes: [pushed], present: 2, rejected: [] }),
    'Pushed 1 path (1.5 MB uploaded), 2 already there, 0 skipped, 0 failed',
  )
  assert.equal(
    summarize({
      outcomes: [pushed, pushed, failed, skipped('gone'), skipped('gone')],
      present: 0,
      rejected: [],
    }),
    'Pushed 2 paths (3 MB uploaded), 0 already there, 2 skipped (gone), 1 failed',
  )
  assert.equal(
    summarize({ outcomes: [skipped('gone')], present: 0, rejected: ['does not exist', 'does not exist'] }),
    'Pushed 0 paths (0 B uploaded), 0 already there, 3 skipped (2 does not exist; 1 gone), 0 failed',
  )
})

test('the closing line says what was left to upstreams', () => {
  const inUpstreams = new Map([
    ['cache.nixos.org', 40],
    ['up.example:8080', 1],
  ])
  assert.equal(
    summarize({ outcomes: [pushed], present: 2, rejected: [], inUpstreams }),
    'Pushed 1 path (1.5 MB uploaded), 2 already there, 40 already in upstream cache.nixos.org, ' +
      '1 already in upstream up.example:8080, 0 skipped, 0 failed',
  )
})

test('a push is complete when every path that was missing is there', () => {
  assert.ok(isComplete({ outcomes: [], present: 3, rejected: ['does not exist'] }))
  assert.ok(isComplete({ outcomes: [pushed], present: 0, rejected: [] }))
  assert.ok(!isComplete({ outcomes: [pushed, skipped('gone')], present: 0, rejected: [] }))
  assert.ok(!isComplete({ outcomes: [failed], present: 0, rejected: [] }))
})
