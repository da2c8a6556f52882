import { lstatSync, readdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/**
 * Bytes of all files in the data directory of a server that has been stopped, the database's among them. What the
 * database still has in its journal is written to it first.
 */
export function storedBytes(dataDirectory: string): number {
  const database = new DatabaseSync(`${dataDirectory}/cachix.sqlite`)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  return sizeOf(dataDirectory)
}

function sizeOf(path: string): number {
  const stat = lstatSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path).reduce((total, name) => total + sizeOf(`${path}/${name}`), 0)
}
