import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Patience } from '../../src/push/patience.ts'
import { ServiceError } from '../../src/service/service-error.ts'

const failure = (status?: number): ServiceError => new ServiceError('no', { status })

test('a refusal that holds for every path ends the push at once', () => {
  for (const status of [401, 403, 413, 507]) assert.ok(new Patience().isExhaustedBy(failure(status)))
})

test('a service that keeps failing ends the push, one that recovers does not', () => {
  const patience = new Patience()
  for (const status of [undefined, 500, 503, 502, 429, 400, undefined]) {
    assert.ok(!patience.isExhaustedBy(failure(status)))
  }
  patience.restore()
  for (let i = 0; i < 7; i++) assert.ok(!patience.isExhaustedBy(failure()))
  assert.ok(patience.isExhaustedBy(failure()))
})

test('failures of single paths never end the push', () => {
  const patience = new Patience()
  for (let i = 0; i < 100; i++) {
    assert.ok(!patience.isExhaustedBy(failure(409)))
    assert.ok(!patience.isExhaustedBy(new Error('unreadable')))
  }
})
