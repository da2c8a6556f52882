import type { UpkeepTable } from '../../upkeep-table.ts'
import type { SqlBackend } from '../sql-backend.ts'
import { createCollection } from './collection.ts'
import { moveFrames, withdrawNar } from './move-frames.ts'
import { createStock } from './stock.ts'
import { selectDamagedPaths, selectUsage } from './usage.ts'

export function createUpkeepTable(backend: SqlBackend): UpkeepTable {
  const { db, flavour } = backend
  return {
    ...createStock(backend),
    ...createCollection(backend),
    move: (move) =>
      db.transaction().execute(async (transaction) => {
        await flavour.takeTurns.execute(transaction)
        await moveFrames({ db: transaction, flavour }, move)
      }),
    withdraw: (nar) => db.transaction().execute((transaction) => withdrawNar(transaction, nar)),
    damagedPaths: () => selectDamagedPaths(db),
    usage: () => selectUsage(backend),
  }
}
