import type { Page } from '../../database/upkeep-table.ts'
import { pageSize } from './upkeep-work.ts'
import type { UpkeepPace } from './upkeep-work.ts'

/** All rows, page by page, with a rest after each. `keyOf` is what the rows are ordered by. */
export async function* readPages<Row>(
  read: (page: Page) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
  { rest, signal }: Pick<UpkeepPace, 'rest' | 'signal'>,
): AsyncGenerator<readonly Row[]> {
  let after = ''
  while (true) {
    signal.throwIfAborted()
    const rows = await read({ after, limit: pageSize })
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = keyOf(last)
    await rest()
  }
}
