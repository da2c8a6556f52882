import type { Logger } from 'pino'
import type { ServerConfig } from './config.ts'
import type { CacheDatabase } from './database/cache-database.ts'
import { openPostgresDatabase } from './database/postgres/open-postgres-database.ts'
import { openSqliteDatabase } from './database/sqlite/open-sqlite-database.ts'
import { UpstreamAnswers } from './services/upstream-answers.ts'
import { createNarWorkers } from './services/workers/nar-workers.ts'
import type { NarWorkers } from './services/workers/nar-workers.ts'
import { FetchingUpstreamReader } from './upstreams/fetching-upstream-reader.ts'

export function openDatabase({ database }: ServerConfig): Promise<CacheDatabase> {
  return database.kind === 'sqlite' ? openSqliteDatabase(database.path) : openPostgresDatabase(database.url)
}

export function openWorkers({ limits }: ServerConfig): NarWorkers {
  const { maxNarSize, maxListingSize, verifierThreads } = limits
  return createNarWorkers({ threads: verifierThreads, limits: { maxNarSize, maxListingSize } })
}

export function openUpstreamAnswers({ askedUpstreams }: ServerConfig, logger: Logger): UpstreamAnswers {
  const reader = new FetchingUpstreamReader({
    origins: askedUpstreams,
    patienceMs: 2500,
    restMs: 60_000,
    atOnce: 64,
    onRest: (url, error) =>
      logger.warn({ err: error, url }, 'an upstream does not answer and is not asked for a minute'),
  })
  // The genuine client waits for 30 seconds.
  return new UpstreamAnswers(reader, { enoughMs: 10_000 })
}
