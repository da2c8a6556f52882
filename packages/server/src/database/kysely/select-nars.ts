import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** A query whose rows are `Nar`s. */
export function selectNars(db: Kysely<Schema>) {
  return db
    .selectFrom('nars')
    .select([
      'nars.file_hash as fileHash',
      'nars.file_size as fileSize',
      'nars.nar_hash as narHash',
      'nars.nar_size as narSize',
      'nars.recipe',
      'nars.listing',
    ])
}
