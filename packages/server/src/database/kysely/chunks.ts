import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { ChunkReader, ChunkTable, StoredChunk } from '../cache-database.ts'
import { leasePacks } from './lease-packs.ts'
import { recordChunks } from './record-chunks.ts'
import type { Schema } from './schema.ts'
import type { SqlBackend } from './sql-backend.ts'
import { textList } from './text-list.ts'

export function createChunkTable({ db, flavour }: SqlBackend): ChunkTable {
  async function find(reader: ChunkReader, names: readonly string[]): Promise<StoredChunk[]> {
    const rows = await selectChunks(db)
      .where('chunks.name', 'in', textList(flavour, names))
      .where(isHeldFor(reader))
      .execute()
    const leased = await leasePacks(db, rows)
    return leased.map(({ packId: _packId, unneededSince: _unneededSince, ...chunk }) => chunk)
  }

  return {
    find,

    async missing(reader, names) {
      const found = new Set((await find(reader, names)).map((chunk) => chunk.name))
      return names.filter((name) => !found.has(name))
    },

    async stored(names) {
      const rows = await selectChunks(db).where('chunks.name', 'in', textList(flavour, names)).execute()
      return (await leasePacks(db, rows)).map((row) => row.name)
    },

    record: (added) => db.transaction().execute((transaction) => recordChunks(transaction, added)),

    async hold(cacheId, names) {
      // In one order everywhere: PostgreSQL transactions that insert the same rows then cannot deadlock.
      await sql`insert into cache_chunks (cache_id, chunk_id)
        select cast(${cacheId} as bigint), id from chunks where name in ${textList(flavour, names)} order by id
        on conflict do nothing`.execute(db)
    },

    async forget(names) {
      await db.deleteFrom('chunks').where('name', 'in', textList(flavour, names)).execute()
    },
  }
}

/** Those in sound packs. */
function selectChunks(db: Kysely<Schema>) {
  return db
    .selectFrom('chunks')
    .innerJoin('packs', 'packs.id', 'chunks.pack_id')
    .where('packs.damaged_at', 'is', null)
    .select([
      'chunks.name',
      'packs.name as pack',
      'chunks.frame_offset as offset',
      'chunks.frame_length as length',
      'chunks.content_size as contentSize',
      'chunks.layout',
      'packs.id as packId',
      'packs.unneeded_since as unneededSince',
    ])
}

function isHeldFor({ cacheId, accountId }: ChunkReader): RawBuilder<boolean> {
  const ofAccount = accountId === undefined ? sql`` : sql`or caches.account_id = ${accountId}`
  return sql<boolean>`exists (
    select 1 from cache_chunks join caches on caches.id = cache_chunks.cache_id
    where cache_chunks.chunk_id = chunks.id
      and (caches.id = ${cacheId} or caches.is_public = 1 ${ofAccount})
  )`
}
