import { sql, type Kysely } from 'kysely'
import type { SqlFlavour } from '../sql-backend.ts'

export async function createWaitingPathsAndPins(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const statements = [...uploadCompression(flavour), ...waitingPaths(flavour), ...pins(flavour)]
  for (const statement of statements) await statement.execute(db)
}

/** How a file that was sent whole is compressed. */
function uploadCompression({ text }: SqlFlavour) {
  return [sql`alter table uploads add column compression ${text} not null default 'zstd'`]
}

/** Paths that came before what they refer to: verified and kept, and seen by nobody until all of that is there. */
function waitingPaths({ id, integer, text, table, pairTable }: SqlFlavour) {
  return [
    sql`create table waiting_paths (
      id ${id},
      cache_id ${integer} not null references caches (id) on delete cascade,
      store_hash ${text} not null,
      store_name ${text} not null,
      nar_id ${integer} not null references nars (id),
      reference_names ${text} not null,
      deriver ${text},
      signatures ${text} not null,
      ca ${text},
      waiting_since ${integer} not null,
      unique (cache_id, store_hash)
    ) ${table}`,
    sql`create index waiting_paths_of_nar on waiting_paths (nar_id)`,
    // What each still waits for.
    sql`create table waiting_references (
      path_id ${integer} not null references waiting_paths (id) on delete cascade,
      store_hash ${text} not null,
      primary key (path_id, store_hash)
    ) ${pairTable}`,
    sql`create index waiting_referrers on waiting_references (store_hash)`,
  ]
}

function pins({ id, integer, text, table }: SqlFlavour) {
  return [
    sql`create table pins (
      id ${id},
      cache_id ${integer} not null references caches (id) on delete cascade,
      name ${text} not null,
      keep ${text},
      created_at ${integer} not null,
      unique (cache_id, name)
    ) ${table}`,
    // The reference keeps whatever collects paths from taking one that is pinned.
    sql`create table pin_revisions (
      id ${id},
      pin_id ${integer} not null references pins (id) on delete cascade,
      path_id ${integer} not null references paths (id),
      artifacts ${text} not null,
      created_at ${integer} not null
    ) ${table}`,
    sql`create index revisions_of_pin on pin_revisions (pin_id)`,
    sql`create index pins_of_path on pin_revisions (path_id)`,
  ]
}
