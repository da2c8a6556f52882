import type { Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { CacheError } from '../../cache-error.ts'
import { createInitialTables } from './migrations/0001-initial-tables.ts'
import { createWaitingPathsAndPins } from './migrations/0003-waiting-paths-and-pins.ts'
import { addSubstituterObjects } from './migrations/0004-substituter-objects.ts'
import { addTokenUseAndOidc } from './migrations/0005-token-use-and-oidc.ts'
import { addKeysAndUpstreams } from './migrations/0006-keys-and-upstreams.ts'
import type { Schema } from './schema.ts'
import type { SqlFlavour } from './sql-backend.ts'

/**
 * Brings the tables to the shape of this version. Safe when several servers start at once on one database: they take
 * turns, and each migration is one transaction with the record that it ran.
 *
 * Throws `unavailable` when that fails, as on a database that a newer version has migrated further.
 */
export async function migrate(db: Kysely<Schema>, flavour: SqlFlavour): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations(flavour) } })
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return
  const reason = error instanceof Error ? error.message : 'unknown error'
  const message = `The database cannot be migrated: ${reason}. Was it in use by a newer version?`
  throw new CacheError('unavailable', message, { cause: error })
}

/** In the order of their names. A migration that was released is never changed: add another. */
function migrations(flavour: SqlFlavour): Record<string, Migration> {
  return {
    '0001-initial-tables': { up: (db: Kysely<unknown>) => createInitialTables(db, flavour) },
    '0003-waiting-paths-and-pins': {
      up: (db: Kysely<unknown>) => createWaitingPathsAndPins(db, flavour),
    },
    '0004-substituter-objects': { up: (db: Kysely<unknown>) => addSubstituterObjects(db, flavour) },
    '0005-token-use-and-oidc': { up: (db: Kysely<unknown>) => addTokenUseAndOidc(db, flavour) },
    '0006-keys-and-upstreams': { up: (db: Kysely<unknown>) => addKeysAndUpstreams(db, flavour) },
  }
}
