import { sql, type RawBuilder } from 'kysely'
import type { SqlFlavour } from './sql-backend.ts'

/** No id has more digits. */
const idWidth = 16

/**
 * Any number of pairs as one parameter, for `from`: a table `pairs` with the columns `id`, a number, and `other`, a text.
 * Each pair is one string, for that is what both databases can take out of JSON in the same words.
 */
export function pairList(
  flavour: SqlFlavour,
  pairs: readonly (readonly [id: number, other: string | number])[],
): RawBuilder<unknown> {
  const rows = pairs.map(([id, other]) => `${String(id).padStart(idWidth)}${other}`)
  return sql`(select cast(substr(value, 1, ${sql.lit(idWidth)}) as bigint) as id,
    substr(value, ${sql.lit(idWidth + 1)}) as other
    from ${flavour.rowsOfJson}(${JSON.stringify(rows)})) as pairs`
}
