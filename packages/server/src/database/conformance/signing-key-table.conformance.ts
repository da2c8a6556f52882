import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CacheDatabase } from '../cache-database.ts'
import type { NewSigningKey } from '../signing-key-table.ts'
import type { DatabaseTest } from './database-under-test.ts'

const first: NewSigningKey = {
  name: 'demo.localhost-1',
  publicKey: 'yP9vq0Nn/jLk0bRuPk3eLNYyAqGfbS+7rdaMYNNgOqE=',
  sealedSecret: undefined,
}
const second: NewSigningKey = {
  name: 'demo.localhost-2',
  publicKey: `${'B'.repeat(43)}=`,
  sealedSecret: new Uint8Array([0, 1, 254, 255]),
}

/** Without times. */
async function keysOf(database: CacheDatabase, cacheId: number) {
  const keys = await database.keys.list(cacheId)
  assert.ok(keys.every(({ createdAt }) => Math.abs(Date.now() - createdAt) < 60_000))
  return keys.map(({ name, publicKey, sealedSecret, retiredAt }) => {
    return { name, publicKey, sealedSecret, isActive: retiredAt === undefined }
  })
}

export function describeSigningKeyTable(withDatabase: DatabaseTest): void {
  describe('signing keys', () => {
    test(
      'are made with the cache or added to it, and listed oldest first',
      withDatabase(async ({ database, cache }) => {
        const other = await database.caches.create({ ...cache, name: 'other', key: first })
        assert.deepEqual(await keysOf(database, other.id), [{ ...first, isActive: true }])
        assert.deepEqual(await database.keys.list(cache.id), [])
        await database.keys.add(cache.id, second)
        await database.keys.add(cache.id, first)
        assert.deepEqual(await keysOf(database, cache.id), [
          { ...second, isActive: true },
          { ...first, isActive: true },
        ])
      }),
    )

    test(
      'are the first only where there is none yet, also when two are added at once',
      withDatabase(async ({ database, cache, openAnother }) => {
        const another = await openAnother()
        const results = await Promise.allSettled([
          database.keys.addFirst(cache.id, first),
          another.keys.addFirst(cache.id, second),
        ])
        const refused = results.filter((result) => result.status === 'rejected')
        assert.deepEqual(
          refused.map(({ reason }) => reason.code),
          ['key-exists'],
        )
        assert.equal((await database.keys.list(cache.id)).length, 1)
      }),
    )

    test(
      'have names and values of their own within a cache',
      withDatabase(async ({ database, cache }) => {
        await database.keys.add(cache.id, first)
        for (const key of [
          { ...second, name: first.name },
          { ...second, publicKey: first.publicKey },
        ]) {
          await assert.rejects(database.keys.add(cache.id, key), { name: 'CacheError', code: 'key-exists' })
        }
        assert.deepEqual(await keysOf(database, cache.id), [{ ...first, isActive: true }])
      }),
    )

    test(
      'can be retired, all but one, and restored',
      withDatabase(async ({ database, cache }) => {
        await database.keys.add(cache.id, first)
        await database.keys.add(cache.id, second)
        assert.equal(await database.keys.retire(cache.id, first.name), true)
        assert.equal(await database.keys.retire(cache.id, first.name), false)
        assert.equal(await database.keys.retire(cache.id, 'nosuch'), false)
        await assert.rejects(database.keys.retire(cache.id, second.name), { code: 'conflict' })
        const active = (await keysOf(database, cache.id)).map(({ name, isActive }) => [name, isActive])
        assert.deepEqual(active, [
          [first.name, false],
          [second.name, true],
        ])
        await database.keys.restore(cache.id, first.name)
        assert.ok((await keysOf(database, cache.id)).every(({ isActive }) => isActive))
      }),
    )

    test(
      'that two processes retire at once never leave a cache without one',
      withDatabase(async ({ database, cache, openAnother }) => {
        await database.keys.add(cache.id, first)
        await database.keys.add(cache.id, second)
        const another = await openAnother()
        await Promise.allSettled([
          database.keys.retire(cache.id, first.name),
          another.keys.retire(cache.id, second.name),
        ])
        const active = (await keysOf(database, cache.id)).filter(({ isActive }) => isActive)
        assert.equal(active.length, 1)
      }),
    )

    test(
      'that the service keeps are sealed anew, all of them or none',
      withDatabase(async ({ database, cache }) => {
        assert.equal(await database.keys.findSealed(), undefined)
        const other = await database.caches.create({ ...cache, name: 'other', key: second })
        await database.keys.add(cache.id, first)
        const { name, sealedSecret } = second
        assert.deepEqual(await database.keys.findSealed(), { name, sealedSecret })
        await database.keys.add(cache.id, second)
        const names: string[] = []
        const failing = database.keys.resealAll((sealed, name) => {
          names.push(name)
          if (names.length === 2) throw new Error('no')
          return sealed.map((byte) => byte ^ 1)
        })
        await assert.rejects(failing, /no/)
        assert.deepEqual((await keysOf(database, other.id))[0]?.sealedSecret, second.sealedSecret)
        const resealed = await database.keys.resealAll((sealed) => sealed.map((byte) => byte ^ 1))
        assert.deepEqual(resealed, { kept: 2, dropped: [] })
        for (const { id } of [other, cache]) {
          const managed = (await keysOf(database, id)).find(({ name }) => name === second.name)
          assert.deepEqual(managed?.sealedSecret, new Uint8Array([1, 0, 255, 254]))
        }
      }),
    )

    test(
      'lose secrets that there is nothing to replace with, and stay',
      withDatabase(async ({ database, cache }) => {
        const third = { ...second, name: 'demo.localhost-3', publicKey: `${'C'.repeat(43)}=` }
        for (const key of [first, second, third]) await database.keys.add(cache.id, key)
        const resealed = await database.keys.resealAll((sealed, name) =>
          name === second.name ? undefined : sealed,
        )
        assert.deepEqual(resealed, { kept: 1, dropped: [{ cacheName: cache.name, keyName: second.name }] })
        assert.deepEqual(await keysOf(database, cache.id), [
          { ...first, isActive: true },
          { ...second, sealedSecret: undefined, isActive: true },
          { ...third, isActive: true },
        ])
      }),
    )
  })
}
