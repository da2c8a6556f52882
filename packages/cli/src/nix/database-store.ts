import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { baseNameOf, canonicalSha256 } from '@cachix/protocol'
import { CliError } from '../cli-error.ts'
import { sortClosure } from './sort-closure.ts'
import type { PathInfo, StoreReader } from './store-reader.ts'

interface DatabaseStoreOptions {
  /** `/nix/var/nix`, usually. */
  readonly stateDir: string
  readonly storeDir: string
}

/**
 * Reads the store's own database, and never writes to it: with the rights of the wrong user that would break the
 * daemon. Throws CliError `nix` when there is none that can be read, or its schema is not the one known here.
 */
export async function openDatabaseStore(options: DatabaseStoreOptions): Promise<StoreReader> {
  const directory = join(options.stateDir, 'db')
  try {
    await checkSchema(directory)
    const database = new DatabaseSync(join(directory, 'db.sqlite'), { readOnly: true, timeout: 10_000 })
    return new DatabaseStore(options.storeDir, database)
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(
      'nix',
      `The database of the Nix store in ${directory} cannot be read: ${String(error)}`,
      {
        cause: error,
      },
    )
  }
}

/** The schema of every Nix since 2.0. */
const knownSchema = '10'

async function checkSchema(directory: string): Promise<void> {
  const schema = (await readFile(join(directory, 'schema'), 'utf8')).trim()
  if (schema === knownSchema) return
  throw new CliError(
    'nix',
    `The database of the Nix store in ${directory} has schema ${schema}, not ${knownSchema}.`,
  )
}

class DatabaseStore implements StoreReader {
  readonly storeDir: string
  readonly #database: DatabaseSync

  constructor(storeDir: string, database: DatabaseSync) {
    this.storeDir = storeDir
    this.#database = database
    // Opening reads nothing yet: find out now whether reading works.
    database.prepare(selectValid).all('[]')
  }

  async validPaths(storePaths: readonly string[]): Promise<Set<string>> {
    const rows = this.#database.prepare(selectValid).all(JSON.stringify(storePaths))
    return new Set(rows.map((row) => String(row['path'])))
  }

  async closure(storePaths: readonly string[]): Promise<PathInfo[]> {
    const valid = await this.validPaths(storePaths)
    const invalid = storePaths.find((path) => !valid.has(path))
    if (invalid !== undefined) {
      throw new CliError('nix', `${invalid} is not valid: the Nix store does not have it.`)
    }
    const rows = this.#database.prepare(selectClosure).all(JSON.stringify(storePaths))
    return sortClosure(rows.map((row) => pathInfoOf(row as unknown as Row)))
  }

  /** Only the daemon can. */
  async protect(): Promise<void> {}

  async close(): Promise<void> {
    this.#database.close()
  }
}

const selectValid = 'SELECT path FROM ValidPaths WHERE path IN (SELECT value FROM json_each(?))'

const selectClosure = `
  WITH RECURSIVE closure(id) AS (
    SELECT id FROM ValidPaths WHERE path IN (SELECT value FROM json_each(?))
    UNION
    SELECT reference FROM closure JOIN Refs ON referrer = closure.id
  )
  SELECT path, hash, narSize, deriver, sigs, ca,
    (SELECT group_concat(r.path, ' ') FROM Refs JOIN ValidPaths r ON r.id = reference WHERE referrer = p.id) AS refs
  FROM closure JOIN ValidPaths p ON p.id = closure.id`

interface Row {
  readonly path: string
  readonly hash: string
  readonly narSize: number
  readonly deriver: string | null
  /** Separated by blanks, like refs. */
  readonly sigs: string | null
  readonly ca: string | null
  readonly refs: string | null
}

function pathInfoOf(row: Row): PathInfo {
  return {
    storePath: row.path,
    narHash: canonicalSha256(row.hash),
    narSize: row.narSize,
    references: words(row.refs).map(baseNameOf).sort(),
    deriver: row.deriver === null ? undefined : baseNameOf(row.deriver),
    signatures: words(row.sigs),
    ca: row.ca ?? undefined,
  }
}

function words(text: string | null): string[] {
  return text?.split(' ').filter(Boolean) ?? []
}
