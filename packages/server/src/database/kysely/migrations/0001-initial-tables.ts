import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { SqlFlavour } from '../sql-backend.ts'

export async function createInitialTables(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const statements = [
    ...tenants(flavour),
    ...tokens(flavour),
    ...signingKeys(flavour),
    ...packs(flavour),
    ...chunks(flavour),
    ...uploads(flavour),
    ...nars(flavour),
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

function packs({ id, integer, text, table }: SqlFlavour): RawBuilder<unknown>[] {
  return [
    sql`create table packs (
      id ${id},
      name ${text} not null unique,
      size ${integer} not null,
      created_at ${integer} not null,
      unneeded_since ${integer},
      damaged_at ${integer}
    ) ${table}`,
    sql`create index unneeded_packs on packs (unneeded_since) where unneeded_since is not null`,
  ]
}

/** Each chunk is stored once for all; who may know of it is another matter. */
function chunks({ id, integer, text, bytes, table, pairTable }: SqlFlavour): RawBuilder<unknown>[] {
  return [
    sql`create table chunks (
      id ${id},
      name ${text} not null unique,
      pack_id ${integer} not null references packs (id),
      frame_offset ${integer} not null,
      frame_length ${integer} not null,
      content_size ${integer} not null,
      layout ${bytes} not null
    ) ${table}`,
    sql`create index chunks_of_pack on chunks (pack_id)`,
    // Which caches hold a chunk: they were sent it, or have published a NAR with it.
    sql`create table cache_chunks (
      cache_id ${integer} not null references caches (id) on delete cascade,
      chunk_id ${integer} not null references chunks (id) on delete cascade,
      primary key (cache_id, chunk_id)
    ) ${pairTable}`,
    sql`create index holders_of_chunk on cache_chunks (chunk_id)`,
  ]
}

/** Files that were sent whole. What a cache was sent, it may publish. */
function uploads({ integer, text, pairTable }: SqlFlavour): RawBuilder<unknown>[] {
  return [
    sql`create table uploads (
      cache_id ${integer} not null references caches (id) on delete cascade,
      pack_id ${integer} not null references packs (id),
      nar_hash ${text} not null,
      nar_size ${integer} not null,
      sent_at ${integer} not null,
      primary key (cache_id, pack_id)
    ) ${pairTable}`,
    sql`create index uploads_in_pack on uploads (pack_id)`,
  ]
}

function nars({ id, integer, text, bytes, table, pairTable }: SqlFlavour): RawBuilder<unknown>[] {
  return [
    // Apart from the NARs, because rebuilt ones share them.
    sql`create table listings (
      id ${id},
      hash ${text} not null unique,
      template ${bytes} not null
    ) ${table}`,
    // The large columns come last: SQLite reads the others without them.
    sql`create table nars (
      id ${id},
      file_hash ${text} not null unique,
      file_size ${integer} not null,
      nar_hash ${text} not null,
      nar_size ${integer} not null,
      created_at ${integer} not null,
      is_damaged ${integer} not null check (is_damaged in (0, 1)),
      listing_id ${integer} not null references listings (id),
      listing_hashes ${text} not null,
      recipe ${bytes} not null
    ) ${table}`,
    sql`create index nars_of_listing on nars (listing_id)`,
    // What collection must keep: a pack goes only when no NAR needs it.
    sql`create table nar_packs (
      nar_id ${integer} not null references nars (id) on delete cascade,
      pack_id ${integer} not null references packs (id),
      primary key (nar_id, pack_id)
    ) ${pairTable}`,
    sql`create index nars_of_pack on nar_packs (pack_id)`,
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
