import type { Kysely } from 'kysely'
import { CacheError } from '../../cache-error.ts'
import type { Account, AccountTable } from '../cache-database.ts'
import type { Schema } from './schema.ts'
import type { SqlBackend } from './sql-backend.ts'
import { createToken } from './tokens.ts'

export function createAccountTable({ db }: SqlBackend): AccountTable {
  return {
    create: (name, firstToken) =>
      db.transaction().execute(async (transaction) => {
        const account = await createAccount(transaction, name)
        if (firstToken) {
          await createToken(transaction, { ...firstToken, accountId: account.id, kind: 'personal' })
        }
        return account
      }),

    async count() {
      const { count } = await db
        .selectFrom('accounts')
        .select((select) => select.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return count
    },
  }
}

async function createAccount(db: Kysely<Schema>, name: string): Promise<Account> {
  const account = await db
    .insertInto('accounts')
    .values({ name, created_at: Date.now() })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning(['id', 'name'])
    .executeTakeFirst()
  if (account) return { ...account }
  throw new CacheError('name-taken', `An account named ${name} exists already: choose another name.`)
}
