import type { Cache, CacheDatabase } from '../cache-database.ts'

/** A database without any table yet, for one test. */
export interface EmptyDatabase {
  /** Opens it; while it is open, again, as another process would. */
  readonly open: () => Promise<CacheDatabase>
  readonly remove: () => Promise<void>
}

/** What a test is given: an open database with one account, `owner`, and its public cache `demo`. */
export interface Given {
  readonly database: CacheDatabase
  readonly cache: Cache
  readonly openAnother: () => Promise<CacheDatabase>
}

export type DatabaseTest = (work: (given: Given) => Promise<void>) => () => Promise<void>

/** Gives each test a database of its own, closes what the test opened and removes it. */
export function databaseTest(createEmpty: () => Promise<EmptyDatabase>): DatabaseTest {
  return (work) => async () => {
    const empty = await createEmpty()
    const opened: CacheDatabase[] = []
    async function open(): Promise<CacheDatabase> {
      const database = await empty.open()
      opened.push(database)
      return database
    }
    try {
      const database = await open()
      await work({ database, cache: await createDemo(database), openAnother: open })
    } finally {
      await Promise.all(opened.map((database) => database.close()))
      await empty.remove()
    }
  }
}

async function createDemo(database: CacheDatabase): Promise<Cache> {
  const owner = await database.accounts.create('owner')
  return database.caches.create({
    name: 'demo',
    accountId: owner.id,
    isPublic: true,
    storeDir: '/nix/store',
    priority: 41,
  })
}
