import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { describeCacheDatabase } from '../../src/database/cache-database.conformance.ts'
import { openPostgresDatabase } from '../../src/database/postgres/open-postgres-database.ts'
import { findPostgresPrograms, noPostgresServer, startPostgresServer } from './postgres-server.ts'

const run = promisify(execFile)
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

  test('PostgreSQL is copied by pg_dump, and pg_restore makes the same of it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'dump-'))
    const [url, restoredUrl] = [await server.createDatabase(), await server.createDatabase()]
    const database = await openPostgresDatabase(url)
    await database.accounts.create('ada')
    const name = await database.snapshot(directory)
    assert.equal(await database.snapshot(directory), name)
    await database.close()
    await run('pg_restore', ['--dbname', restoredUrl, join(directory, name)])
    const restored = await openPostgresDatabase(restoredUrl)
    await assert.rejects(restored.accounts.create('ada'), { code: 'name-taken' })
    await restored.close()
    await rm(directory, { recursive: true })
  })

  test('PostgreSQL that cannot be reached, or has no such database, is refused', async () => {
    const url = await server.createDatabase()
    const unavailable = { name: 'CacheError', code: 'unavailable' }
    await assert.rejects(openPostgresDatabase(`${url}-absent`), unavailable)
    await assert.rejects(openPostgresDatabase('postgresql://127.0.0.1:1/cachix'), unavailable)
  })
}
