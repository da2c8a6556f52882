import { sql, type Transaction } from 'kysely'
import type { NewChunks } from '../cache-database.ts'
import { recordPack } from './packs.ts'
import type { Schema } from './schema.ts'

/** So many at once that few statements are needed, and few enough for the limits on parameters. */
const batchSize = 500

/** `ChunkTable.record`, within a transaction. */
export async function recordChunks(db: Transaction<Schema>, { pack, chunks }: NewChunks): Promise<void> {
  const packId = await recordPack(db, pack)
  // In one order everywhere: PostgreSQL transactions that insert the same chunks then cannot deadlock.
  const rows = chunks
    .map((chunk) => ({
      name: chunk.name,
      pack_id: packId,
      frame_offset: chunk.offset,
      frame_length: chunk.length,
      content_size: chunk.contentSize,
      layout: chunk.layout,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  for (let at = 0; at < rows.length; at += batchSize) {
    await db
      .insertInto('chunks')
      .values(rows.slice(at, at + batchSize))
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet((column) => ({
            pack_id: column.ref('excluded.pack_id'),
            frame_offset: column.ref('excluded.frame_offset'),
            frame_length: column.ref('excluded.frame_length'),
            layout: column.ref('excluded.layout'),
          }))
          .where(sql<boolean>`(select damaged_at from packs where packs.id = chunks.pack_id) is not null`),
      )
      .execute()
  }
}
