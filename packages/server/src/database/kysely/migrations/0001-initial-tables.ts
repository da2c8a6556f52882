import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { SqlFlavour } from '../sql-backend.ts'

export async function createInitialTables(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const statements = [
    ...tenants(flavour),
    ...tokens(flavour),
    ...signingKeys(flavour),
    ...storedNars(flavour),
    ...sentNars(flavour),
    ...publishedPaths(flavour),
    ...pathReferences(flavour),
  ]
  for (const statement of statements) await statement.execute(db)
}

function tenants({ id, integer, text, table }: SqlFlavour): RawBuilder<unknown>[] {
  return [
    sql`create table accounts (
      id ${id},
      name ${text} not null unique,
      created_at ${integer} not null
    ) ${table}`,
    sql`create table caches (
      id ${id},
      account_id ${integer} not null references accounts (id),
      name ${text} not null unique,
      is_public ${integer} not null check (is_public in (0, 1)),
      store_dir ${text} not null,
      priority ${integer} not null,
      created_at ${integer} not null
    ) ${table}`,
    sql`create index caches_of_account on caches (account_id)`,
  ]
}

function tokens({ id, integer, text, table }: SqlFlavour): RawBuilder<unknown>[] {
  return [
    sql`create table tokens (
      id ${id},
      account_id ${integer} not null references accounts (id) on delete cascade,
      cache_id ${integer} references caches (id) on delete cascade,
      hash ${text} not null unique,
      kind ${text} not null,
      description ${text} not null,
      created_at ${integer} not null,
      expires_at ${integer},
      constraint personal_or_for_one_cache check ((kind = 'personal') = (cache_id is null))
    ) ${table}`,
    sql`create index tokens_of_account on tokens (account_id)`,
    sql`create index tokens_of_cache on tokens (cache_id)`,
  ]
}

function signingKeys({ id, integer, text, bytes, table }: SqlFlavour): RawBuilder<unknown>[] {
  return [
    sql`create table signing_keys (
      id ${id},
      cache_id ${integer} not null references caches (id) on delete cascade,
      name ${text} not null,
      public_key ${text} not null,
      sealed_secret ${bytes},
      created_at ${integer} not null
    ) ${table}`,
    // An index of its own: to allow several keys, drop it.
    sql`create unique index one_key_per_cache on signing_keys (cache_id)`,
  ]
}

function storedNars({ id, integer, text, bytes, table, pairTable }: SqlFlavour): RawBuilder<unknown>[] {
  return [
    sql`create table packs (
      id ${id},
      name ${text} not null unique,
      size ${integer} not null,
      created_at ${integer} not null
    ) ${table}`,
    // The large columns come last: SQLite reads the others without them.
    sql`create table nars (
      id ${id},
      file_hash ${text} not null unique,
      file_size ${integer} not null,
      nar_hash ${text} not null,
      nar_size ${integer} not null,
      created_at ${integer} not null,
      recipe ${bytes} not null,
      listing ${bytes} not null
    ) ${table}`,
    // What collection must keep: a pack goes only when no NAR needs it.
    sql`create table nar_packs (
      nar_id ${integer} not null references nars (id) on delete cascade,
      pack_id ${integer} not null references packs (id),
      primary key (nar_id, pack_id)
    ) ${pairTable}`,
    sql`create index nars_of_pack on nar_packs (pack_id)`,
  ]
}

/** Which NARs a cache may publish: those whose bytes were sent to it. Storage below is shared, this is not. */
function sentNars({ integer, pairTable }: SqlFlavour): RawBuilder<unknown>[] {
  return [
    sql`create table sent_nars (
      cache_id ${integer} not null references caches (id) on delete cascade,
      nar_id ${integer} not null references nars (id) on delete cascade,
      sent_at ${integer} not null,
      primary key (cache_id, nar_id)
    ) ${pairTable}`,
    sql`create index caches_sent_nar on sent_nars (nar_id)`,
  ]
}

function publishedPaths({ id, integer, text, table }: SqlFlavour): RawBuilder<unknown>[] {
  return [
    // A narinfo is one row, its references and signatures included: reading it is the service's most frequent act.
    sql`create table paths (
      id ${id},
      cache_id ${integer} not null references caches (id),
      store_hash ${text} not null,
      store_name ${text} not null,
      nar_id ${integer} not null references nars (id),
      reference_names ${text} not null,
      deriver ${text},
      signatures ${text} not null,
      ca ${text},
      published_at ${integer} not null,
      unique (cache_id, store_hash)
    ) ${table}`,
    sql`create index paths_of_nar on paths (nar_id, cache_id)`,
  ]
}

/**
 * The references again, as edges, self-references left out: for walking closures, and so that the database itself
 * refuses to remove a path that another one needs.
 */
function pathReferences({ integer, pairTable }: SqlFlavour): RawBuilder<unknown>[] {
  return [
    sql`create table path_references (
      path_id ${integer} not null references paths (id) on delete cascade,
      reference_id ${integer} not null references paths (id),
      primary key (path_id, reference_id)
    ) ${pairTable}`,
    sql`create index referrers on path_references (reference_id)`,
  ]
}
