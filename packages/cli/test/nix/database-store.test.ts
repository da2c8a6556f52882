import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { openDatabaseStore } from '../../src/nix/database-store.ts'
import { describeStoreReader } from '../../src/nix/store-reader.conformance.ts'
import { createNixFixture, withoutNix } from './nix-fixture.ts'

describeStoreReader('the database', {
  skip: withoutNix,
  open: async () => {
    const fixture = await createNixFixture()
    return { ...fixture, openReader: () => openDatabaseStore(fixture) }
  },
})

async function withStateDir(work: (stateDir: string) => Promise<void>): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), 'state-'))
  try {
    await work(stateDir)
  } finally {
    await rm(stateDir, { recursive: true })
  }
}

describe('a store database that cannot be used is an error', () => {
  test('when there is none', () =>
    withStateDir((stateDir) =>
      assert.rejects(openDatabaseStore({ stateDir, storeDir: '/nix/store' }), {
        name: 'CliError',
        code: 'nix',
      }),
    ))

  test('when its schema is another', () =>
    withStateDir(async (stateDir) => {
      await mkdir(join(stateDir, 'db'))
      await writeFile(join(stateDir, 'db/schema'), '11')
      await assert.rejects(openDatabaseStore({ stateDir, storeDir: '/nix/store' }), /has schema 11, not 10/)
    }))

  test('when it is no database', () =>
    withStateDir(async (stateDir) => {
      await mkdir(join(stateDir, 'db'))
      await writeFile(join(stateDir, 'db/schema'), '10\n')
      await writeFile(join(stateDir, 'db/db.sqlite'), 'nonsense'.repeat(1000))
      await assert.rejects(openDatabaseStore({ stateDir, storeDir: '/nix/store' }), /cannot be read/)
    }))
})
