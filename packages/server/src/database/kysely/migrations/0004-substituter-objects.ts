import { sql, type Kysely } from 'kysely'
import type { SqlFlavour } from '../sql-backend.ts'

export async function addSubstituterObjects(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const statements = [...oldUrls(flavour), ...cacheObjects(flavour), ...debugFiles(flavour)]
  for (const statement of statements) await statement.execute(db)
}

/** A file that was sent whole is served under its own name for a while after a path was published with it. */
function oldUrls({ integer }: SqlFlavour) {
  return [sql`alter table uploads add column served_until ${integer}`]
}

/** Small things that clients put into a cache and get back as they are: logs, realisations. */
function cacheObjects({ integer, text, bytes, table }: SqlFlavour) {
  return [
    sql`create table cache_objects (
      cache_id ${integer} not null references caches (id) on delete cascade,
      name ${text} not null,
      stored_at ${integer} not null,
      content ${bytes} not null,
      primary key (cache_id, name)
    ) ${table}`,
  ]
}

/** Which NARs have the debugging information of which build. */
function debugFiles({ integer, text, pairTable }: SqlFlavour) {
  return [
    sql`create table debug_files (
      nar_id ${integer} not null references nars (id) on delete cascade,
      build_id ${text} not null,
      primary key (nar_id, build_id)
    ) ${pairTable}`,
    sql`create index debug_files_of_build on debug_files (build_id)`,
  ]
}
