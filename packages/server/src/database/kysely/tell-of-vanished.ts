import { CacheError } from '../../cache-error.ts'

/** SQLite's extended code, and PostgreSQL's, for a row that refers to one that is not there. */
const sqliteForeignKey = 787
const postgresForeignKey = '23503'

/**
 * The same table, whose methods throw `not-found` where a row that they write would refer to one that has just gone: a
 * cache is deleted while something is pushed to it. The change is undone.
 */
export function tellOfVanished<Table extends object>(table: Table): Table {
  const methods = Object.entries(table).map(([name, method]) => [
    name,
    (...values: unknown[]) => {
      const result: unknown = method(...values)
      return result instanceof Promise ? result.catch(explain) : result
    },
  ])
  return Object.fromEntries(methods) as Table
}

function explain(error: unknown): never {
  const { errcode, code } = error as { errcode?: unknown; code?: unknown }
  if (errcode !== sqliteForeignKey && code !== postgresForeignKey) throw error
  throw new CacheError('not-found', 'What this was for has been deleted meanwhile.', { cause: error })
}
