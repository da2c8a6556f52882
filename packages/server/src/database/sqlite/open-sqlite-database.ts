import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { Kysely } from 'kysely'
import type { AtOnce } from '../../at-once.ts'
import { CacheError } from '../../cache-error.ts'
import type { CacheDatabase } from '../cache-database.ts'
import { createKyselyCacheDatabase } from '../kysely/kysely-cache-database.ts'
import { migrate } from '../kysely/migrations.ts'
import type { Schema } from '../kysely/schema.ts'
import type { SqlBackend } from '../kysely/sql-backend.ts'
import { copySqlite } from './copy-sqlite.ts'
import { createSqliteDialect } from './sqlite-dialect.ts'
import { sqliteFlavour } from './sqlite-flavour.ts'
import { whenUnlocked } from './when-unlocked.ts'

/**
 * Opens the database file, made and migrated as needed. Several processes may have it open at once.
 *
 * Throws `unavailable` when it cannot be opened, or was migrated by a newer version.
 */
export async function openSqliteDatabase(path: string): Promise<CacheDatabase> {
  const writer = await openWriter(path)
  const db = new Kysely<Schema>({ dialect: createSqliteDialect(writer) })
  try {
    await migrate(db, sqliteFlavour)
  } catch (error) {
    writer.close()
    throw error
  }
  const reader = openReader(path)
  return createKyselyCacheDatabase({
    db,
    flavour: sqliteFlavour,
    prepareFirst: createPrepareFirst(reader),
    snapshot: (directory) => copySqlite(writer, directory),
    async close() {
      if (reader.isOpen) reader.close()
      await db.destroy()
    },
  })
}

async function openWriter(path: string): Promise<DatabaseSync> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const database = new DatabaseSync(path, { enableForeignKeyConstraints: true })
    await whenUnlocked(() => database.exec('pragma journal_mode = wal'))
    // What is acknowledged has reached the disk.
    database.exec('pragma synchronous = full')
    return database
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown error'
    throw new CacheError('unavailable', `The database ${path} cannot be opened: ${reason}.`, { cause: error })
  }
}

/** On a connection of its own, so that readers see committed data only and wait for no writer. */
function openReader(path: string): DatabaseSync {
  const briefly = 5000 // Readers wait only while another process opens or closes the file after a crash.
  return new DatabaseSync(path, { readOnly: true, timeout: briefly })
}

/** The rows are there as soon as they are asked for. */
function createPrepareFirst(reader: DatabaseSync): SqlBackend['prepareFirst'] {
  return <Row>(sql: string) => {
    const statement = reader.prepare(sql)
    return (parameters: readonly unknown[]): AtOnce<Row | undefined> =>
      statement.get(...(parameters as SQLInputValue[])) as Row | undefined
  }
}
