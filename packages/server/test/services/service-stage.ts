import assert from 'node:assert/strict'
import { readdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Readable } from 'node:stream'

import { secretKeyFromSeed } from '@cachix/protocol'

import type { Cache, CacheDatabase } from '../../src/database/cache-database.ts'
import { openSqliteDatabase } from '../../src/database/sqlite/open-sqlite-database.ts'
import { createCache } from '../../src/services/create-cache.ts'
import { publishPath } from '../../src/services/publish-path.ts'
import { readNar } from '../../src/services/read-nar.ts'
import { receiveNar } from '../../src/services/receive-nar.ts'
import { PackProofs } from '../../src/services/pack-proofs.ts'
import { openSeal } from '../../src/services/seal.ts'
import type { Seal } from '../../src/services/seal.ts'
import { MadeNars } from '../../src/services/made-nars.ts'
import { TokenUses } from '../../src/services/token-uses.ts'
import { UpstreamAnswers } from '../../src/services/upstream-answers.ts'
import { createNarWorkers } from '../../src/services/workers/nar-workers.ts'
import type { NarWorkers } from '../../src/services/workers/nar-workers.ts'
import type { AssembledFiles } from '../../src/storage/assembled-files.ts'
import { openDiskAssembledFiles } from '../../src/storage/disk-assembled-files.ts'
import { openDiskPackStore } from '../../src/storage/disk-pack-store.ts'
import { openDiskPartStore } from '../../src/storage/disk-part-store.ts'
import type { PackStore } from '../../src/storage/pack-store.ts'
import type { PartStore } from '../../src/storage/part-store.ts'
import { bytesOf } from './nar-bytes.ts'
import { claimsOf } from './sample-nar.ts'
import type { SampleNar, SamplePath } from './sample-nar.ts'

/** The secret key of the caches that `createSelfSigned` makes. */
export const secretKey = await secretKeyFromSeed('mine.localhost-1', new Uint8Array(32).fill(7))

const { signal } = new AbortController()

function fail(error: unknown): never {
  assert.fail(String(error))
}

/** The database of a stage in a directory, once more each time. */
export function openSqliteIn(directory: string): Promise<CacheDatabase> {
  return openSqliteDatabase(join(directory, 'cachix.sqlite'))
}

type Parts = Pick<
  ServiceStage,
  'directory' | 'database' | 'packs' | 'parts' | 'assembled' | 'seal' | 'workers'
>

/** Everything services need, on a real disk and a real database: of SQLite, unless another is given. */
export class ServiceStage {
  readonly directory: string
  readonly database: CacheDatabase
  readonly packs: PackStore
  readonly proofs = new PackProofs()
  readonly parts: PartStore
  readonly assembled: AssembledFiles
  readonly seal: Seal
  readonly workers: NarWorkers
  readonly madeNars = new MadeNars()
  readonly readWorkers: NarWorkers
  readonly tokenUses: TokenUses
  /** They ask nobody. */
  readonly upstreamAnswers = new UpstreamAnswers(
    { mayAsk: () => false, readNarinfo: () => assert.fail('An upstream is asked that may not be.') },
    { enoughMs: 0 },
  )
  readonly hostname = 'localhost'
  readonly maxUploadSize = 10_000_000
  readonly maxBundleSize = 10_000_000

  private constructor(parts: Parts) {
    this.directory = parts.directory
    this.database = parts.database
    this.packs = this.proofs.trusting(parts.packs)
    this.parts = parts.parts
    this.assembled = parts.assembled
    this.seal = parts.seal
    this.workers = parts.workers
    this.readWorkers = parts.workers
    this.tokenUses = new TokenUses({ tokens: parts.database.tokens, onFailure: fail })
  }

  static async open(openDatabase = openSqliteIn): Promise<ServiceStage> {
    const directory = await mkdtemp(join(tmpdir(), 'services-'))
    return new ServiceStage({
      directory,
      database: await openDatabase(directory),
      packs: await openDiskPackStore(directory),
      parts: await openDiskPartStore(directory),
      assembled: await openDiskAssembledFiles(directory, { limit: 20_000_000 }),
      seal: await openSeal(join(directory, 'service.key')),
      workers: createNarWorkers({
        threads: 2,
        limits: { maxNarSize: 20_000_000, maxListingSize: 1_000_000 },
      }),
    })
  }

  async close(): Promise<void> {
    this.assembled.close()
    await this.tokenUses.settled()
    await this.workers.close()
    await this.database.close()
    await rm(this.directory, { recursive: true })
  }

  /** A cache with a key the service keeps. */
  async createManaged(name: string, isPublic = true): Promise<Cache> {
    const account = await this.database.accounts.create(`owner of ${name}`)
    return createCache(this, { accountId: account.id, name, isPublic, generateSigningKey: true })
  }

  /** A cache whose clients sign with `secretKey`. */
  async createSelfSigned(name: string): Promise<Cache> {
    const account = await this.database.accounts.create(`owner of ${name}`)
    const publicSigningKey = Buffer.from(secretKey.publicKey).toString('base64')
    return createCache(this, {
      accountId: account.id,
      name,
      isPublic: true,
      generateSigningKey: false,
      publicSigningKey,
    })
  }

  send(cache: Cache, file: Uint8Array) {
    return receiveNar(this, { cache, compression: 'zstd', body: Readable.from([file]), signal })
  }

  /** Uploads and publishes. */
  async push(cache: Cache, path: SamplePath, nar: SampleNar) {
    await this.send(cache, nar.file)
    return publishPath(this, { cache, info: claimsOf(path, nar), signal })
  }

  /** The file that is served for a visible path, and the hash it is served under. */
  async served(
    cache: Cache,
    { hash }: Pick<SamplePath, 'hash'>,
  ): Promise<{ fileHash: string; file: Buffer }> {
    const { fileHash } = (await this.database.paths.find(cache.id, hash))!
    const nar = (await readNar(this, { cacheName: cache.name, fileHash }))!
    return { fileHash, file: await bytesOf(await nar.read(0, nar.fileSize)) }
  }

  /** All that is stored: files of packs and spools, rows of every table. */
  async contents(): Promise<unknown> {
    const database = new DatabaseSync(join(this.directory, 'cachix.sqlite'), { readOnly: true })
    try {
      const tables = database.prepare("select name from sqlite_master where type = 'table'").all()
      const rows = tables.map(({ name }) => database.prepare(`select * from "${String(name)}"`).all())
      return { files: await this.files(), rows }
    } finally {
      database.close()
    }
  }

  /** Names of every file of packs and spools. */
  async files(): Promise<string[]> {
    const names = await Promise.all(
      ['packs', 'spool'].map((part) =>
        readdir(join(this.directory, part), { recursive: true, withFileTypes: true }),
      ),
    )
    return names
      .flat()
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort()
  }
}
