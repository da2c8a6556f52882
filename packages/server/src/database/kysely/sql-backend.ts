import type { Kysely, RawBuilder } from 'kysely'
import type { AtOnce } from '../../at-once.ts'
import type { Schema } from './schema.ts'

/** A running SQLite or PostgreSQL: all that the table modules know of either. */
export interface SqlBackend {
  readonly db: Kysely<Schema>
  readonly flavour: SqlFlavour
  /**
   * Prepares a query once, for the reads that requests wait for: no SQL is built per call, and none waits for a
   * transaction to end. Gives its first row. Sees committed data only.
   */
  prepareFirst<Row>(sql: string): (parameters: readonly unknown[]) => AtOnce<Row | undefined>
  /** `CacheDatabase.snapshot`. */
  snapshot(directory: string): Promise<string>
  close(): Promise<void>
}

/** Where the SQL of SQLite and PostgreSQL differs: column types, what ends a `create table`, a function. */
export interface SqlFlavour {
  /** A primary key that numbers itself and never gives a number twice. */
  readonly id: RawBuilder<unknown>
  /** 64 bits. */
  readonly integer: RawBuilder<unknown>
  /** Compared and ordered by bytes. */
  readonly text: RawBuilder<unknown>
  readonly bytes: RawBuilder<unknown>
  readonly table: RawBuilder<unknown>
  /** For a table that is no more than its primary key. */
  readonly pairTable: RawBuilder<unknown>
  /** The function that makes rows, with one column `value`, of a JSON array of strings. */
  readonly rowsOfJson: RawBuilder<unknown>
  /** Bytes of the whole database. */
  readonly databaseSize: RawBuilder<number>
  /** Lets transactions that publish paths take turns, where they do not anyway; readers never wait. */
  readonly takeTurns: RawBuilder<unknown>
}
