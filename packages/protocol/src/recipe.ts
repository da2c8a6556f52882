// Which bytes of which packs make up a served file. Version 1: the byte 1, then for each run the 32 bytes of the pack's
// SHA-256 and offset and length as 64-bit big-endian numbers.

import { FormatError } from './format-error.ts'
import { isSha256Hex } from './hash.ts'
import { decodeHex, encodeHex } from './hex.ts'

export interface Recipe {
  readonly runs: readonly Run[]
}

/** Bytes `offset` up to but not including `offset + length` of a pack. */
export interface Run {
  /** Lower-case hex SHA-256. */
  readonly pack: string
  readonly offset: number
  readonly length: number
}

const version = 1
const packBytes = 32
const runBytes = packBytes + 16

export function encodeRecipe(recipe: Recipe): Uint8Array {
  const bytes = new Uint8Array(1 + recipe.runs.length * runBytes)
  bytes[0] = version
  for (const [i, run] of recipe.runs.entries()) encodeRun(run, bytes.subarray(1 + i * runBytes))
  return bytes
}

export function decodeRecipe(bytes: Uint8Array): Recipe {
  if (bytes[0] !== version)
    throw new FormatError('recipe', `This recipe is of version ${bytes[0]}; only 1 is known.`)
  if ((bytes.length - 1) % runBytes !== 0) throw new FormatError('recipe', 'This recipe is cut short.')
  const count = (bytes.length - 1) / runBytes
  return { runs: Array.from({ length: count }, (_, i) => decodeRun(bytes.subarray(1 + i * runBytes))) }
}

/** Bytes of the file the recipe makes. */
export function recipeSize(recipe: Recipe): number {
  return recipe.runs.reduce((size, run) => size + run.length, 0)
}

/** The runs that make bytes `start` up to but not including `end` of the file. */
export function sliceRecipe(recipe: Recipe, start: number, end: number): Recipe {
  const runs: Run[] = []
  let position = 0
  for (const { pack, offset, length } of recipe.runs) {
    const from = Math.max(start - position, 0)
    const to = Math.min(end - position, length)
    if (from < to) runs.push({ pack, offset: offset + from, length: to - from })
    position += length
  }
  return { runs }
}

function encodeRun(run: Run, target: Uint8Array): void {
  const pack = isSha256Hex(run.pack) ? decodeHex(run.pack) : undefined
  if (pack === undefined) throw new FormatError('recipe', `"${run.pack}" is not the name of a pack.`)
  checkRange(run)
  target.set(pack)
  const view = new DataView(target.buffer, target.byteOffset)
  view.setBigUint64(packBytes, BigInt(run.offset))
  view.setBigUint64(packBytes + 8, BigInt(run.length))
}

function decodeRun(bytes: Uint8Array): Run {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const offset = Number(view.getBigUint64(packBytes))
  const length = Number(view.getBigUint64(packBytes + 8))
  const run = { pack: encodeHex(bytes.subarray(0, packBytes)), offset, length }
  checkRange(run)
  return run
}

function checkRange({ offset, length }: Run): void {
  if (![offset, length, offset + length].every((value) => Number.isSafeInteger(value) && value >= 0)) {
    throw new FormatError('recipe', `No run of a pack has ${length} bytes at ${offset}.`)
  }
}
