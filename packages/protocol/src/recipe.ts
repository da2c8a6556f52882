// Which bytes of which packs make up a served file, and which store hashes are laid over them. Numbers are LEB128:
//
//   version 1
//   how many runs     then for each: pack (a number; if it is new, its 32 bytes follow), offset, length
//   how many patches  then for each: bytes since the end of the last one, hash (a number; if new, its 20 bytes follow)
//
// A file of 1,000 bytes at 70 of a pack, with one hash over the bytes 300 to 331 and again over those from 332 on:
//
//   01  01 00 <32 bytes> 46 e8 07  02 ac 02 00 <20 bytes> 00 00

import { BinaryNames } from './binary-names.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { FormatError } from './format-error.ts'
import { TermReader, TermWriter } from './terms.ts'

export interface Recipe {
  readonly runs: readonly Run[]
  /** From left to right; they do not overlap. */
  readonly patches: readonly Patch[]
}

/** Bytes `offset` up to but not including `offset + length` of a pack. */
export interface Run {
  /** Lower-case hex SHA-256. */
  readonly pack: string
  readonly offset: number
  readonly length: number
}

/** The 32 characters of a store hash in the file that the runs make, in place of what the packs have there. */
export interface Patch {
  /** Bytes from the start of the file. Of a part of a file: less than 0 where that begins inside the hash. */
  readonly offset: number
  readonly hash: string
}

const version = 1
const patchBytes = 32
const names = new BinaryNames(invalid)

export function encodeRecipe(recipe: Recipe): Uint8Array {
  const writer = new ByteWriter()
  writer.number(version)
  encodeRuns(writer, recipe.runs)
  encodePatches(writer, recipe)
  return writer.end()
}

export function decodeRecipe(bytes: Uint8Array): Recipe {
  const reader = new ByteReader(bytes, invalid)
  if (reader.number() !== version) throw invalid(`its version is not ${version}`)
  const runs = decodeRuns(reader)
  const patches = decodePatches(reader, recipeSize({ runs }))
  reader.end()
  return { runs, patches }
}

/** Bytes of the file the recipe makes. */
export function recipeSize({ runs }: Pick<Recipe, 'runs'>): number {
  return runs.reduce((size, run) => size + run.length, 0)
}

/** What makes bytes `start` up to but not including `end` of the file; at its ends patches may stick out. */
export function sliceRecipe(recipe: Recipe, start: number, end: number): Recipe {
  const runs: Run[] = []
  let position = 0
  for (const { pack, offset, length } of recipe.runs) {
    const from = Math.max(start - position, 0)
    const to = Math.min(end - position, length)
    if (from < to) runs.push({ pack, offset: offset + from, length: to - from })
    position += length
  }
  const patches = recipe.patches
    .filter(({ offset }) => offset < end && offset + patchBytes > start)
    .map(({ offset, hash }) => ({ offset: offset - start, hash }))
  return { runs, patches: runs.length > 0 ? patches : [] }
}

function encodeRuns(writer: ByteWriter, runs: readonly Run[]): void {
  const packs = new TermWriter(writer, names.encodeSha256)
  writer.number(runs.length)
  for (const run of runs) {
    checkRun(run)
    packs.write(run.pack)
    writer.number(run.offset)
    writer.number(run.length)
  }
}

function decodeRuns(reader: ByteReader): Run[] {
  const packs = new TermReader(reader, names.decodeSha256, invalid)
  return Array.from({ length: reader.count(3) }, () => {
    const run = { pack: packs.read(), offset: reader.number(), length: reader.number() }
    checkRun(run)
    return run
  })
}

function checkRun({ offset, length }: Run): void {
  if (![offset, length, offset + length].every((value) => Number.isSafeInteger(value) && value >= 0)) {
    throw invalid(`no run of a pack has ${length} bytes at ${offset}`)
  }
}

function encodePatches(writer: ByteWriter, recipe: Recipe): void {
  const hashes = new TermWriter(writer, names.encodeStoreHash)
  writer.number(recipe.patches.length)
  let end = 0
  for (const { offset, hash } of recipe.patches) {
    if (!Number.isSafeInteger(offset) || offset < end) throw invalid('its patches overlap')
    writer.number(offset - end)
    hashes.write(hash)
    end = offset + patchBytes
  }
  checkEnd(end, recipe)
}

function decodePatches(reader: ByteReader, size: number): Patch[] {
  const hashes = new TermReader(reader, names.decodeStoreHash, invalid)
  let end = 0
  const patches = Array.from({ length: reader.count(2) }, () => {
    const offset = end + reader.number()
    end = offset + patchBytes
    return { offset, hash: hashes.read() }
  })
  if (end > size) throw invalid('a patch is outside')
  return patches
}

function checkEnd(end: number, recipe: Recipe): void {
  if (end > recipeSize(recipe)) throw invalid('a patch is outside')
}

function invalid(reason: string): FormatError {
  return new FormatError('recipe', `This is not the recipe of a file: ${reason}.`)
}
