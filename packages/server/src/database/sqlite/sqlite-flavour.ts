import { sql } from 'kysely'
import type { SqlFlavour } from '../kysely/sql-backend.ts'

export const sqliteFlavour: SqlFlavour = {
  id: sql`integer primary key autoincrement`,
  integer: sql`integer`,
  text: sql`text`,
  bytes: sql`blob`,
  table: sql`strict`,
  pairTable: sql`strict, without rowid`,
  rowsOfJson: sql`json_each`,
  databaseSize: sql`(select page_count * page_size from pragma_page_count, pragma_page_size)`,
  takeTurns: sql`select 1`,
}
