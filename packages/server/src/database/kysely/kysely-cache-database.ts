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
import { tellOfVanished } from './tell-of-vanished.ts'
import { createTokenTable } from './tokens.ts'
import { createUpkeepTable } from './upkeep/upkeep.ts'
import { createUploadTable } from './uploads.ts'
import { createUpstreamTable } from './upstreams.ts'

/** The database port on tables that `migrate` has made. */
export function createKyselyCacheDatabase(backend: SqlBackend): CacheDatabase {
  return {
    accounts: createAccountTable(backend),
    tokens: tellOfVanished(createTokenTable(backend)),
    oidcRules: tellOfVanished(createOidcRuleTable(backend)),
    caches: createCacheTable(backend),
    keys: tellOfVanished(createSigningKeyTable(backend)),
    upstreams: tellOfVanished(createUpstreamTable(backend)),
    packs: createPackTable(backend),
    chunks: tellOfVanished(createChunkTable(backend)),
    uploads: tellOfVanished(createUploadTable(backend)),
    objects: tellOfVanished(createObjectTable(backend)),
    nars: createNarTable(backend),
    paths: tellOfVanished(createPathTable(backend)),
    pins: tellOfVanished(createPinTable(backend)),
    signatures: tellOfVanished(createSignatureTable(backend)),
    upkeep: createUpkeepTable(backend),
    snapshot: (directory) => backend.snapshot(directory),
    async ping() {
      await sql`select 1`.execute(backend.db)
    },
    close: () => backend.close(),
  }
}
