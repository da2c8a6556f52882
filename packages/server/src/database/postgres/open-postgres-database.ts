import { Kysely, PostgresDialect } from 'kysely'
import { Pool, types, TypeOverrides, type QueryResultRow } from 'pg'
import { CacheError } from '../../cache-error.ts'
import type { CacheDatabase } from '../cache-database.ts'
import { createKyselyCacheDatabase } from '../kysely/kysely-cache-database.ts'
import { migrate } from '../kysely/migrations.ts'
import type { Schema } from '../kysely/schema.ts'
import type { SqlBackend } from '../kysely/sql-backend.ts'
import { dumpPostgres } from './dump-postgres.ts'
import { postgresFlavour } from './postgres-flavour.ts'

/**
 * Connects to the database at `url` (`postgresql://…`) and migrates it as needed. Any number of servers may share it.
 *
 * Throws `unavailable` when it cannot be reached, or was migrated by a newer version.
 */
export async function openPostgresDatabase(url: string): Promise<CacheDatabase> {
  const pool = openPool(url)
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  try {
    await connect(pool)
    await migrate(db, postgresFlavour)
  } catch (error) {
    await pool.end()
    throw error
  }
  return createKyselyCacheDatabase({
    db,
    flavour: postgresFlavour,
    prepareFirst: createPrepareFirst(pool),
    snapshot: (directory) => dumpPostgres(url, directory),
    close: () => db.destroy(),
  })
}

function openPool(url: string): Pool {
  const pool = new Pool({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    types: columnValues(),
  })
  // A connection lost while idle: the pool has dropped it, and the next query makes another.
  pool.on('error', () => {})
  return pool
}

/** The values that SQLite gives for such columns. */
function columnValues(): TypeOverrides {
  const values = new TypeOverrides()
  const parseBytes: (text: string) => Buffer = types.getTypeParser(types.builtins.BYTEA)
  values.setTypeParser(types.builtins.INT8, Number)
  values.setTypeParser(types.builtins.BYTEA, (text) => new Uint8Array(parseBytes(text)))
  return values
}

async function connect(pool: Pool): Promise<void> {
  try {
    const client = await pool.connect()
    client.release()
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown error'
    throw new CacheError('unavailable', `PostgreSQL cannot be reached: ${reason}.`, { cause: error })
  }
}

/** Names each statement, so that every connection parses and plans it once. */
function createPrepareFirst(pool: Pool): SqlBackend['prepareFirst'] {
  let prepared = 0
  return <Row>(sql: string) => {
    const name = `read-${++prepared}`
    return async (parameters: readonly unknown[]) => {
      const { rows } = await pool.query<Row & QueryResultRow>({ name, text: sql, values: [...parameters] })
      return rows[0]
    }
  }
}
