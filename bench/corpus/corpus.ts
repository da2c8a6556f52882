import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { runNix } from '../nix.ts'
import { writeClosure } from './closure.ts'
import { writeLargePath } from './large-path.ts'
import { registerObjects } from './register-objects.ts'
import type { StoreObject } from './store-object.ts'
import { writeTinyPaths } from './tiny-paths.ts'

/** A closure in the bench's own store. */
export interface CorpusPart {
  /** The store path that needs all others. */
  readonly root: string
  /** Store paths, the root included. */
  readonly paths: readonly string[]
  /** Sum of the sizes of the NARs in bytes. */
  readonly narSize: number
}

const mebibyte = 1024 * 1024
const closureShape = { count: 400, totalSize: 1024 * mebibyte }

/** A closure of about 1 GiB in 400 paths. */
export function closurePart(): CorpusPart {
  return ensurePart('closure', () => writeClosure({ ...closureShape, edition: '' }).reverse())
}

/** The same with other store hashes, as after a mass rebuild. */
export function rebuiltClosurePart(): CorpusPart {
  return ensurePart('closure-rebuilt', () => writeClosure({ ...closureShape, edition: 'rebuilt:' }).reverse())
}

/** A closure of `count` paths of a few hundred bytes each. */
export function tinyPart(count: number): CorpusPart {
  return ensurePart(`tiny-${count}`, () => writeTinyPaths(`tiny-${count}`, count))
}

/** A closure that has nothing in common with the others. */
export function earlierPart(): CorpusPart {
  return ensurePart('earlier', () => writeTinyPaths('earlier', 1000, 3))
}

/** A single path with a NAR of `size` bytes. */
export function largePart(size: number): CorpusPart {
  return ensurePart(`large-${size}`, () => writeLargePath(size))
}

/** Parts are made once and found again by a file beside the store. The root comes first in what `write` returns. */
function ensurePart(name: string, write: () => StoreObject[]): CorpusPart {
  const note = `/nix/part-${name}.json`
  if (existsSync(note)) return JSON.parse(readFileSync(note, 'utf8')) as CorpusPart
  process.stderr.write(`bench: writing the corpus (${name})\n`)
  const objects = write()
  registerObjects(objects)
  const part = { root: objects[0]!.storePath, paths: objects.map(({ storePath }) => storePath), narSize: 0 }
  const measured: CorpusPart = { ...part, narSize: narSizeOf(part.paths) }
  writeFileSync(note, JSON.stringify(measured))
  return measured
}

function narSizeOf(paths: readonly string[]): number {
  const sizes = runNix('nix-store', ['--query', '--size', ...paths])
  return sizes
    .trim()
    .split('\n')
    .reduce((total, size) => total + Number(size), 0)
}
