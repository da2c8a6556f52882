import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { SqlFlavour } from '../sql-backend.ts'

export async function addTokenUseAndOidc(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  for (const statement of statements(flavour)) await statement.execute(db)
}

function statements({ id, integer, text, table }: SqlFlavour): RawBuilder<unknown>[] {
  return [
    sql`create table oidc_rules (
      id ${id},
      cache_id ${integer} not null references caches (id) on delete cascade,
      issuer ${text} not null,
      audience ${text} not null,
      claims ${text} not null,
      permission ${text} not null check (permission in ('Read', 'Write')),
      lifetime_ms ${integer} not null,
      created_at ${integer} not null
    ) ${table}`,
    sql`create index oidc_rules_of_cache on oidc_rules (cache_id)`,
    sql`create index oidc_rules_by_issuer on oidc_rules (issuer)`,
    // What was exchanged is not exchanged again.
    sql`create table oidc_exchanges (
      hash ${text} not null primary key,
      expires_at ${integer} not null
    ) ${table}`,
    sql`create index oidc_exchanges_by_end on oidc_exchanges (expires_at)`,
    sql`alter table tokens add column last_used_at ${integer}`,
    // Whoever takes a rule away takes away what it gave.
    sql`alter table tokens add column oidc_rule_id ${integer} references oidc_rules (id) on delete cascade`,
    sql`create index tokens_of_oidc_rule on tokens (oidc_rule_id) where oidc_rule_id is not null`,
    sql`create index expiring_tokens on tokens (expires_at) where expires_at is not null`,
  ]
}
