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
  takeTurns: sql`select 1`,
}
