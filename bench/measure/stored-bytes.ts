import { lstatSync, readdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/** Bytes. */
export interface StoredBytes {
  readonly all: number
  /** Of these, the database's. */
  readonly database: number
}

/**
 * What all files in the data directory of a server take together. The server has been stopped; what its database still
 * has in the journal is written to it first.
 */
export function storedBytes(dataDirectory: string): StoredBytes {
  const file = `${dataDirectory}/cachix.sqlite`
  const database = new DatabaseSync(file)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  return { all: sizeOf(dataDirectory), database: sizeOf(file) }
}

function sizeOf(path: string): number {
  const stat = lstatSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path).reduce((total, name) => total + sizeOf(`${path}/${name}`), 0)
}
