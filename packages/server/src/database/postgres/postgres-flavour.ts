import { sql } from 'kysely'
import type { SqlFlavour } from '../kysely/sql-backend.ts'

export const postgresFlavour: SqlFlavour = {
  id: sql`bigint primary key generated always as identity`,
  integer: sql`bigint`,
  text: sql`text collate "C"`,
  bytes: sql`bytea`,
  table: sql``,
  pairTable: sql``,
  rowsOfJson: sql`json_array_elements_text`,
  databaseSize: sql`pg_database_size(current_database())`,
  takeTurns: sql`lock table paths in share row exclusive mode`,
}
