import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { describeCacheDatabase } from '../../src/database/cache-database.conformance.ts'
import { openPostgresDatabase } from '../../src/database/postgres/open-postgres-database.ts'
import { findPostgresPrograms, noPostgresServer, startPostgresServer } from './postgres-server.ts'

const programs = await findPostgresPrograms()

if (programs === undefined) {
  console.warn(`PostgreSQL is NOT tested: ${noPostgresServer}.`)
  test('PostgreSQL is a cache database', { skip: noPostgresServer })
} else {
  const server = await startPostgresServer(programs)
  after(() => server.stop())

  describeCacheDatabase('PostgreSQL', async () => {
    const url = await server.createDatabase()
    return { open: () => openPostgresDatabase(url), remove: () => server.recycleDatabase(url) }
  })

  test('PostgreSQL that cannot be reached, or has no such database, is refused', async () => {
    const url = await server.createDatabase()
    const unavailable = { name: 'CacheError', code: 'unavailable' }
    await assert.rejects(openPostgresDatabase(`${url}-absent`), unavailable)
    await assert.rejects(openPostgresDatabase('postgresql://127.0.0.1:1/cachix'), unavailable)
  })
}
