import { sql } from 'kysely'
import type { CacheDatabase } from '../cache-database.ts'
import { createAccountTable } from './accounts.ts'
import { createCacheTable } from './caches.ts'
import { createChunkTable } from './chunks.ts'
import { createNarTable } from './nars.ts'
import { createObjectTable } from './objects.ts'
import { createOidcRuleTable } from './oidc-rules.ts'
import { createPackTable } from './packs.ts'
import { createPathTable } from './paths.ts'
import { createPinTable } from './pins.ts'
import { createSignatureTable } from './signatures.ts'
import { createSigningKeyTable } from './signing-keys.ts'
import type { SqlBackend } from './sql-backend.ts'
import { createTokenTable } from './tokens.ts'
import { createUpkeepTable } from './upkeep/upkeep.ts'
import { createUploadTable } from './uploads.ts'
import { createUpstreamTable } from './upstreams.ts'

/** The database port on tables that `migrate` has made. */
export function createKyselyCacheDatabase(backend: SqlBackend): CacheDatabase {
  return {
    accounts: createAccountTable(backend),
    tokens: createTokenTable(backend),
    oidcRules: createOidcRuleTable(backend),
    caches: createCacheTable(backend),
    keys: createSigningKeyTable(backend),
    upstreams: createUpstreamTable(backend),
    packs: createPackTable(backend),
    chunks: createChunkTable(backend),
    uploads: createUploadTable(backend),
    objects: createObjectTable(backend),
    nars: createNarTable(backend),
    paths: createPathTable(backend),
    pins: createPinTable(backend),
    signatures: createSignatureTable(backend),
    upkeep: createUpkeepTable(backend),
    snapshot: (directory) => backend.snapshot(directory),
    async ping() {
      await sql`select 1`.execute(backend.db)
    },
    close: () => backend.close(),
  }
}
