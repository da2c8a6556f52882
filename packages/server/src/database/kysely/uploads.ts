import type { Kysely, Transaction } from 'kysely'
import type { Upload, UploadTable } from '../upload-table.ts'
import { leasePacks } from './lease-packs.ts'
import { recordPack } from './packs.ts'
import { prepareQuery } from './prepared-query.ts'
import type { Schema } from './schema.ts'
import type { SqlBackend } from './sql-backend.ts'

export function createUploadTable(backend: SqlBackend): UploadTable {
  const { db } = backend
  const find = prepareQuery(backend, (cacheId: number, fileHash: string) =>
    db
      .selectFrom('uploads')
      .innerJoin('packs', 'packs.id', 'uploads.pack_id')
      .select([
        'packs.name as fileHash',
        'packs.size as fileSize',
        'uploads.nar_hash as narHash',
        'uploads.nar_size as narSize',
        'uploads.compression',
        'packs.id as packId',
        'packs.unneeded_since as unneededSince',
      ])
      .where('packs.damaged_at', 'is', null)
      .where('uploads.cache_id', '=', cacheId)
      .where('packs.name', '=', fileHash),
  )
  const findFile = prepareQuery(backend, (cacheName: string, fileHash: string) =>
    selectFiles(db).where('caches.name', '=', cacheName).where('packs.name', '=', fileHash),
  )
  return {
    record: (cacheId, upload) =>
      db.transaction().execute((transaction) => record(transaction, cacheId, upload)),

    async find(cacheId, fileHash) {
      const row = await find(cacheId, fileHash)
      const [leased] = await leasePacks(db, row ? [row] : [])
      if (leased === undefined) return undefined
      const { packId: _packId, unneededSince: _unneededSince, ...upload } = leased
      return upload
    },

    serve: (cacheId, fileHash, until) => serveFile(db, { cacheId, fileHash, until }),

    async findFile(cacheName, fileHash) {
      const row = await findFile(cacheName, fileHash)
      if (row === undefined) return undefined
      const { isPublic, cacheId, fileSize, servedUntil } = row
      return {
        isPublic: isPublic === 1,
        cacheId,
        fileSize,
        isServed: servedUntil !== null && servedUntil > Date.now(),
      }
    },
  }
}

async function record(db: Transaction<Schema>, cacheId: number, upload: Upload): Promise<void> {
  const { fileHash, fileSize, narHash, narSize, compression } = upload
  await db
    .insertInto('uploads')
    .values({
      cache_id: cacheId,
      pack_id: await recordPack(db, { name: fileHash, size: fileSize }),
      nar_hash: narHash,
      nar_size: narSize,
      sent_at: Date.now(),
      compression,
      served_until: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

function selectFiles(db: Kysely<Schema>) {
  return db
    .selectFrom('uploads')
    .innerJoin('packs', 'packs.id', 'uploads.pack_id')
    .innerJoin('caches', 'caches.id', 'uploads.cache_id')
    .select([
      'caches.is_public as isPublic',
      'caches.id as cacheId',
      'packs.size as fileSize',
      'uploads.served_until as servedUntil',
    ])
    .where('packs.damaged_at', 'is', null)
}

interface ServedFile {
  readonly cacheId: number
  readonly fileHash: string
  readonly until: number
}

async function serveFile(db: Kysely<Schema>, { cacheId, fileHash, until }: ServedFile): Promise<void> {
  await db
    .updateTable('uploads')
    .set({ served_until: until })
    .where('cache_id', '=', cacheId)
    .where('pack_id', 'in', (select) => select.selectFrom('packs').select('id').where('name', '=', fileHash))
    .where((is) => is.or([is('served_until', 'is', null), is('served_until', '<', until)]))
    .execute()
}
