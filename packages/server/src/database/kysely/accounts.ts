import { CacheError } from '../../cache-error.ts'
import type { Account, AccountTable } from '../cache-database.ts'
import type { SqlBackend } from './sql-backend.ts'

export function createAccountTable({ db }: SqlBackend): AccountTable {
  return {
    async create(name): Promise<Account> {
      const account = await db
        .insertInto('accounts')
        .values({ name, created_at: Date.now() })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .returning(['id', 'name'])
        .executeTakeFirst()
      if (account) return { ...account }
      throw new CacheError('name-taken', `An account named ${name} exists already: choose another name.`)
    },

    async count() {
      const { count } = await db
        .selectFrom('accounts')
        .select((select) => select.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return count
    },
  }
}
