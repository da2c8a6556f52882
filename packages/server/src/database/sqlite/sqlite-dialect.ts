import type { DatabaseSync } from 'node:sqlite'
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, type Dialect } from 'kysely'
import { SqliteDriver } from './sqlite-driver.ts'

/** Kysely on `node:sqlite`, with one connection for everything that writes. */
export function createSqliteDialect(database: DatabaseSync): Dialect {
  return {
    createDriver: () => new SqliteDriver(database),
    createAdapter: () => new TransactionalSqliteAdapter(),
    createQueryCompiler: () => new PlanKeepingQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
}

/** Makes each run of migrations a transaction, as SQLite well can: a crash leaves none half done. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/**
 * The SQLite in Bun looks at a bare `?` where it plans a query with several tables, and so plans it again each time other
 * values are bound, which takes several times as long as to run it. Behind a plus sign, which changes no value, it does not.
 */
class PlanKeepingQueryCompiler extends SqliteQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return '+?'
  }
}
