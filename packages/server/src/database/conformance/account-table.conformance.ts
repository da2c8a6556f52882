import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DatabaseTest } from './database-under-test.ts'
import { hex } from './sample-data.ts'

export function describeAccountTable(withDatabase: DatabaseTest): void {
  describe('accounts', () => {
    test(
      'are created and counted',
      withDatabase(async ({ database }) => {
        const account = await database.accounts.create('Ada ’ % _')
        assert.equal(account.name, 'Ada ’ % _')
        assert.equal(await database.accounts.count(), 2)
      }),
    )

    test(
      'are created with their first token at once, or not at all',
      withDatabase(async ({ database }) => {
        const account = await database.accounts.create('ada', { hash: hex('first'), description: 'first' })
        const token = await database.tokens.findByHash(hex('first'))
        assert.deepEqual(
          [token?.accountId, token?.kind, token?.description],
          [account.id, 'personal', 'first'],
        )
        const refused = database.accounts.create('bob', { hash: hex('first'), description: 'again' })
        await assert.rejects(refused, { code: 'conflict' })
        assert.equal(await database.accounts.count(), 2)
      }),
    )

    test(
      'with a name that is taken are refused',
      withDatabase(async ({ database }) => {
        await assert.rejects(database.accounts.create('owner'), { name: 'CacheError', code: 'name-taken' })
        assert.equal(await database.accounts.count(), 1)
      }),
    )

    test(
      'whose names differ only in case are different',
      withDatabase(async ({ database }) => {
        const account = await database.accounts.create('Owner')
        assert.equal(account.name, 'Owner')
      }),
    )

    test(
      'of one name created at once: one is made, the others are refused',
      withDatabase(async ({ database, openAnother }) => {
        const databases = [database, await openAnother(), database]
        const results = await Promise.allSettled(databases.map(({ accounts }) => accounts.create('ada')))
        const failures = results.flatMap((result) =>
          result.status === 'rejected' ? [result.reason.code] : [],
        )
        assert.deepEqual(failures, ['name-taken', 'name-taken'])
        assert.equal(await database.accounts.count(), 2)
      }),
    )
  })
}
