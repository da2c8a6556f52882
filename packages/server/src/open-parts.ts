import type { ServerConfig } from './config.ts'
import type { CacheDatabase } from './database/cache-database.ts'
import { openPostgresDatabase } from './database/postgres/open-postgres-database.ts'
import { openSqliteDatabase } from './database/sqlite/open-sqlite-database.ts'
import { createNarWorkers } from './services/workers/nar-workers.ts'
import type { NarWorkers } from './services/workers/nar-workers.ts'

export function openDatabase({ database }: ServerConfig): Promise<CacheDatabase> {
  return database.kind === 'sqlite' ? openSqliteDatabase(database.path) : openPostgresDatabase(database.url)
}

export function openWorkers({ limits }: ServerConfig): NarWorkers {
  const { maxNarSize, maxListingSize, verifierThreads } = limits
  return createNarWorkers({ threads: verifierThreads, limits: { maxNarSize, maxListingSize } })
}
