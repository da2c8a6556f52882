import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { SqlFlavour } from '../sql-backend.ts'

/** Several keys for each cache, of which some are retired; other caches whose paths are not stored again. */
export async function addKeysAndUpstreams(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  for (const statement of [...severalKeys(flavour), ...upstreams(flavour), ...upstreamPaths(flavour)]) {
    await statement.execute(db)
  }
}

function severalKeys({ integer }: SqlFlavour): RawBuilder<unknown>[] {
  return [
    sql`drop index one_key_per_cache`,
    sql`alter table signing_keys add column retired_at ${integer}`,
    sql`create unique index signing_keys_by_name on signing_keys (cache_id, name)`,
    sql`create unique index signing_keys_by_value on signing_keys (cache_id, public_key)`,
  ]
}

/** Every cache starts with the one that nearly all of Nix is signed by. */
function upstreams({ id, integer, text, table }: SqlFlavour): RawBuilder<unknown>[] {
  return [
    sql`create table upstreams (
      id ${id},
      cache_id ${integer} not null references caches (id) on delete cascade,
      url ${text} not null,
      public_keys ${text} not null,
      created_at ${integer} not null,
      unique (cache_id, url)
    ) ${table}`,
    sql`insert into upstreams (cache_id, url, public_keys, created_at)
      select id, 'https://cache.nixos.org', '["cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY="]', created_at
      from caches`,
  ]
}

/** What upstreams are known to have, and which paths count on that: the database itself refuses to forget those. */
function upstreamPaths({ id, integer, text, table, pairTable }: SqlFlavour): RawBuilder<unknown>[] {
  return [
    sql`create table upstream_paths (
      id ${id},
      cache_id ${integer} not null references caches (id),
      upstream_id ${integer} not null references upstreams (id),
      store_hash ${text} not null,
      store_name ${text} not null,
      unique (cache_id, store_hash)
    ) ${table}`,
    sql`create index paths_of_upstream on upstream_paths (upstream_id)`,
    sql`create table upstream_references (
      path_id ${integer} not null references paths (id) on delete cascade,
      upstream_path_id ${integer} not null references upstream_paths (id),
      primary key (path_id, upstream_path_id)
    ) ${pairTable}`,
    sql`create index upstream_referrers on upstream_references (upstream_path_id)`,
  ]
}
