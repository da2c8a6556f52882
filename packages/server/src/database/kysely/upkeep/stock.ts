import { sql, type Kysely } from 'kysely'
import type { KnownNar, KnownPack, Page, UpkeepTable } from '../../upkeep-table.ts'
import type { Schema } from '../schema.ts'
import type { SqlBackend } from '../sql-backend.ts'
import { textList } from '../text-list.ts'
import { toPlain } from './to-plain.ts'

type Stock = Pick<UpkeepTable, 'packs' | 'unrecorded' | 'chunksIn' | 'narsIn' | 'nars'>

/** What is there, sound or not. */
export function createStock({ db, flavour }: SqlBackend): Stock {
  return {
    packs: async (page) => (await selectPacks(db, page)).map(toPack),

    async unrecorded(names) {
      const rows = await db
        .selectFrom('packs')
        .select('name')
        .where('name', 'in', textList(flavour, names))
        .execute()
      const recorded = new Set(rows.map((row) => row.name))
      return names.filter((name) => !recorded.has(name))
    },

    async chunksIn(pack) {
      const rows = await selectChunks(db).where('packs.name', '=', pack).execute()
      return rows.map(toPlain)
    },

    async narsIn(pack) {
      const rows = await selectNars(db)
        .where('nars.id', 'in', (select) =>
          select
            .selectFrom('nar_packs')
            .innerJoin('packs', 'packs.id', 'nar_packs.pack_id')
            .select('nar_packs.nar_id')
            .where('packs.name', '=', pack),
        )
        .execute()
      return rows.map(toNar)
    },

    async nars({ after, limit }) {
      const rows = await selectNars(db)
        .where('file_hash', '>', after)
        .orderBy('file_hash')
        .limit(limit)
        .execute()
      return rows.map(toNar)
    },
  }
}

const isNeeded = sql<number>`case when exists (
  select 1 from nar_packs where nar_packs.pack_id = packs.id
) then 1 else 0 end`

function selectPacks(db: Kysely<Schema>, { after, limit }: Page) {
  return db
    .selectFrom('packs')
    .select(['name', 'size', 'damaged_at as damagedAt', 'created_at as createdAt'])
    .select(isNeeded.as('isNeeded'))
    .where('name', '>', after)
    .orderBy('name')
    .limit(limit)
    .execute()
}

type PackRow = Awaited<ReturnType<typeof selectPacks>>[number]

function toPack({ name, size, createdAt, damagedAt, isNeeded }: PackRow): KnownPack {
  return { name, size, createdAt, isSound: damagedAt === null, isNeeded: isNeeded === 1 }
}

function selectChunks(db: Kysely<Schema>) {
  return db
    .selectFrom('chunks')
    .innerJoin('packs', 'packs.id', 'chunks.pack_id')
    .select([
      'chunks.name',
      'packs.name as pack',
      'chunks.frame_offset as offset',
      'chunks.frame_length as length',
      'chunks.content_size as contentSize',
      'chunks.layout',
    ])
    .orderBy('chunks.frame_offset')
}

function selectNars(db: Kysely<Schema>) {
  return db
    .selectFrom('nars')
    .select([
      'file_hash as fileHash',
      'file_size as fileSize',
      'nar_hash as narHash',
      'nar_size as narSize',
      'is_damaged as isDamaged',
      'recipe',
    ])
}

type NarRow = Awaited<ReturnType<ReturnType<typeof selectNars>['executeTakeFirstOrThrow']>>

function toNar(row: NarRow): KnownNar {
  return { ...row, isDamaged: row.isDamaged === 1 }
}
