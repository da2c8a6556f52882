import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Kysely, sql } from 'kysely'
import { describeCacheDatabase } from '../../src/database/cache-database.conformance.ts'
import { openSqliteDatabase } from '../../src/database/sqlite/open-sqlite-database.ts'
import { createSqliteDialect } from '../../src/database/sqlite/sqlite-dialect.ts'

describeCacheDatabase('SQLite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sqlite-'))
  return {
    open: () => openSqliteDatabase(join(directory, 'data', 'cachix.db')),
    remove: () => rm(directory, { recursive: true }),
  }
})

const accountWriter = fileURLToPath(import.meta.resolve('./account-writer.ts'))

describe('A SQLite database', () => {
  test(
    'keeps what it acknowledged when its process is killed, while another process writes too',
    withFile(async (path) => {
      const database = await openSqliteDatabase(path)
      const writer = spawn(process.execPath, [accountWriter, path])
      const acknowledged: string[] = []
      for await (const name of createInterface({ input: writer.stdout })) {
        acknowledged.push(name)
        await database.accounts.create(`beside ${name}`)
        if (acknowledged.length === 50) writer.kill('SIGKILL')
      }
      await database.close()

      const reopened = await openSqliteDatabase(path)
      assert.ok(acknowledged.length >= 50)
      for (const name of acknowledged) {
        await assert.rejects(reopened.accounts.create(name), { code: 'name-taken' })
      }
      await reopened.close()
    }),
  )

  test(
    'waits for a lock of another connection without stopping its own process',
    withFile(async (path) => {
      const database = await openSqliteDatabase(path)
      const other = new DatabaseSync(path)
      other.exec('begin immediate')
      const created = database.accounts.create('ada')
      assert.equal(await database.caches.find('readable meanwhile'), undefined)
      setImmediate(() => other.exec('commit'))
      assert.equal((await created).name, 'ada')
      other.close()
      await database.close()
    }),
  )

  test(
    'says that the disk is full, undoes the transaction, and works again when there is room',
    withFile(async (path) => {
      const database = new DatabaseSync(path)
      const db = new Kysely<{ t: { bytes: Uint8Array } }>({ dialect: createSqliteDialect(database) })
      await sql`create table t (bytes blob not null) strict`.execute(db)
      const insert = (size: number) =>
        db.transaction().execute(async (transaction) => {
          await transaction
            .insertInto('t')
            .values({ bytes: new Uint8Array(1) })
            .execute()
          await transaction
            .insertInto('t')
            .values({ bytes: new Uint8Array(size) })
            .execute()
        })
      database.exec('pragma max_page_count = 10')
      await assert.rejects(insert(1_000_000), { name: 'CacheError', code: 'disk-full' })
      assert.deepEqual(await db.selectFrom('t').selectAll().execute(), [])
      database.exec('pragma max_page_count = 1000')
      await insert(1_000_000)
      assert.equal((await db.selectFrom('t').selectAll().execute()).length, 2)
      await db.destroy()
    }),
  )

  test(
    'is copied as of one moment while others write, over an older copy',
    withFile(async (path) => {
      const database = await openSqliteDatabase(path)
      const other = await openSqliteDatabase(path)
      for (const account of ['ada', 'bob']) {
        await database.accounts.create(account)
        const [name] = await Promise.all([
          database.snapshot(dirname(path)),
          other.accounts.create(`beside ${account}`),
        ])
        const copy = await openSqliteDatabase(join(dirname(path), name))
        await assert.rejects(copy.accounts.create(account), { code: 'name-taken' })
        await copy.close()
      }
      await Promise.all([database.close(), other.close()])
    }),
  )

  test(
    'migrated by a newer version is refused',
    withFile(async (path) => {
      await (await openSqliteDatabase(path)).close()
      const database = new DatabaseSync(path)
      database.exec(
        `insert into kysely_migration values ('9999-from-the-future', '2999-01-01T00:00:00.000Z')`,
      )
      database.close()
      await assert.rejects(openSqliteDatabase(path), { name: 'CacheError', code: 'unavailable' })
    }),
  )

  test(
    'that is another kind of file is refused',
    withFile(async (path) => {
      await writeFile(path, 'these are not the bytes of a database'.repeat(100))
      await assert.rejects(openSqliteDatabase(path), { name: 'CacheError', code: 'unavailable' })
    }),
  )
})

function withFile(work: (path: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sqlite-'))
    try {
      await work(join(directory, 'cachix.db'))
    } finally {
      await rm(directory, { recursive: true })
    }
  }
}
