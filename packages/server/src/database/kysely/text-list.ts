import { sql, type RawBuilder } from 'kysely'
import type { SqlFlavour } from './sql-backend.ts'

/**
 * Any number of strings as one parameter, for `where(column, 'in', textList(...))`: the statement's text stays the
 * same whatever the number, so it stays prepared and meets no limit on parameters.
 */
export function textList(flavour: SqlFlavour, values: readonly string[]): RawBuilder<string> {
  return sql<string>`(select value from ${flavour.rowsOfJson}(${JSON.stringify(values)}))`
}
