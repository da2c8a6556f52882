import { readFileSync, readlinkSync, readdirSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parseStorePath } from '@cachix/protocol'
import type { BuiltClosure } from '../corpus/rebuild.ts'
import type { StoreObject } from '../corpus/store-object.ts'
import { narOf } from './stored-nar.ts'

/** A file that two builds have made differently, store hashes aside. */
export interface Difference {
  /** Below the store, without a store hash. */
  readonly file: string
  readonly kind: string
  /** Bytes that differ; where lengths do, all of the longer one. */
  readonly bytes: number
}

/** Compares two editions of the same packages file by file, with the store hashes blanked that a cut would find. */
export function findDifferences(first: BuiltClosure, second: BuiltClosure): Difference[] {
  const others = new Map(second.objects.map((object) => [nameOf(object), object]))
  return first.objects.flatMap((object) => {
    const other = others.get(nameOf(object))
    return other === undefined ? [] : compareObjects(object, other)
  })
}

function nameOf({ storePath }: StoreObject): string {
  return parseStorePath(storePath).name
}

function compareObjects(first: StoreObject, second: StoreObject): Difference[] {
  const read = new BlankedFiles(first)
  const readOther = new BlankedFiles(second)
  const names = new Set([...read.list(), ...readOther.list()])
  return [...names].flatMap((name) => {
    const bytes = read.blanked(name)
    const others = readOther.blanked(name)
    if (bytes.equals(others)) return []
    const kind = kindOf(name, [read.unpacked(name), readOther.unpacked(name)])
    return [{ file: nameOf(first) + name, kind, bytes: countDifferent(bytes, others) }]
  })
}

function kindOf(name: string, [first, second]: readonly [Buffer, Buffer]): string {
  if (name.endsWith('.gz')) return first.equals(second) ? 'compressed, naming store paths' : 'compressed'
  if (first.subarray(0, 4).toString('latin1') === '\u007FELF') return 'program or library'
  if (first.subarray(0, 8).toString('latin1') === '!<arch>\n') return 'static library'
  if (name.endsWith('.pyc')) return 'compiled Python'
  return first.includes(0) ? 'other binary' : 'text'
}

function countDifferent(first: Buffer, second: Buffer): number {
  if (first.length !== second.length) return Math.max(first.length, second.length)
  return first.reduce((count, byte, index) => count + (byte === second[index] ? 0 : 1), 0)
}

/** The files of a store object as a cut sees them. */
class BlankedFiles {
  readonly #root: string
  readonly #storeHashes: readonly string[]

  constructor(object: StoreObject) {
    this.#root = object.storePath
    this.#storeHashes = narOf(object).storeHashes
  }

  /** All that is not a directory, as paths below the root. */
  list(directory = ''): string[] {
    return readdirSync(this.#root + directory, { withFileTypes: true }).flatMap((entry) => {
      const name = `${directory}/${entry.name}`
      return entry.isDirectory() ? this.list(name) : [name]
    })
  }

  blanked(name: string): Buffer {
    return this.#blank(this.#read(name))
  }

  /** What is in a compressed file, without any store hash: Nix knows nothing of those in there. */
  unpacked(name: string): Buffer {
    const bytes = this.#read(name)
    if (!name.endsWith('.gz')) return bytes
    const text = gunzipSync(bytes).toString('latin1')
    return Buffer.from(text.replaceAll(/(?<=\/nix\/store\/)[0-9a-z]{32}/g, ''), 'latin1')
  }

  #read(name: string): Buffer {
    const path = this.#root + name
    try {
      return Buffer.from(readlinkSync(path))
    } catch {
      return readFileSync(path)
    }
  }

  #blank(bytes: Buffer): Buffer {
    let text = bytes.toString('latin1')
    for (const hash of this.#storeHashes) text = text.replaceAll(hash, '0'.repeat(hash.length))
    return Buffer.from(text, 'latin1')
  }
}
