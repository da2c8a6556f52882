import { createHash } from 'node:crypto'
import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** A file of this machine that may be copied into the corpus. */
export interface MachineFile {
  readonly path: string
  /** Bytes. */
  readonly size: number
}

const directories = ['/usr/bin', '/usr/lib', '/usr/share']
// One huge file would be a third of a closure of a gigabyte.
const maxSize = 100 * 1024 * 1024

/**
 * The machine's own programs, libraries and data, as realistic contents for store paths: ELF, text and things already
 * compressed. Files of one directory stay together and directories come in an order that mixes kinds, the same on
 * every run.
 */
export function machineFiles(): MachineFile[] {
  return directories
    .flatMap((directory) => filesBelow(directory))
    .map((path) => ({ path, size: statSync(path).size, order: orderOf(path) }))
    .filter(({ size }) => size <= maxSize)
    .sort((a, b) => (a.order < b.order ? -1 : 1))
}

// The recursive readdir of Node follows links to directories, and some of those lead in circles.
function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`
    if (!isReadable(path)) return []
    if (entry.isDirectory()) return filesBelow(path)
    return entry.isFile() ? [path] : []
  })
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

function orderOf(path: string): string {
  return createHash('sha256').update(dirname(path)).digest('hex') + path
}
