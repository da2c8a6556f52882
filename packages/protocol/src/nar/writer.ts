// The pieces of a NAR. Put together as in
//   narMagic, openDirectory, openEntry(name), openFile({ size, executable }), contents, closeFile(size), closeEntry, closeDirectory

import { FormatError } from '../format-error.ts'
import { TextEncoder } from '../platform.ts'
import { checkName, checkTarget } from './limits.ts'

/** Comes first, before the one node that is the root. */
export const narMagic: Uint8Array = strings('nix-archive-1')

/** Then any number of entries, names ascending by bytes. */
export const openDirectory: Uint8Array = strings('(', 'type', 'directory')
export const closeDirectory: Uint8Array = strings(')')

/** Then the node that has this name. */
export function openEntry(name: Uint8Array): Uint8Array {
  checkName(name)
  return concat([entryStart, string(name), entryNode])
}
export const closeEntry: Uint8Array = strings(')')

/** Then exactly `size` bytes of contents. */
export function openFile(file: { readonly size: number; readonly executable: boolean }): Uint8Array {
  return concat([file.executable ? executableStart : fileStart, integer(file.size)])
}

/** What follows `size` bytes of contents. */
export function closeFile(size: number): Uint8Array {
  return concat([new Uint8Array(paddingOf(size)), nodeEnd])
}

/** A whole node. */
export function symlink(target: Uint8Array): Uint8Array {
  checkTarget(target)
  return concat([symlinkStart, string(target), nodeEnd])
}

/** Zero bytes needed after `size` bytes to reach a multiple of 8. */
export function paddingOf(size: number): number {
  return (8 - (size % 8)) % 8
}

const entryStart = strings('entry', '(', 'name')
const entryNode = strings('node')
const fileStart = strings('(', 'type', 'regular', 'contents')
const executableStart = strings('(', 'type', 'regular', 'executable', '', 'contents')
const symlinkStart = strings('(', 'type', 'symlink', 'target')
const nodeEnd = strings(')')

function strings(...texts: readonly string[]): Uint8Array {
  const encoder = new TextEncoder()
  return concat(texts.map((text) => string(encoder.encode(text))))
}

function string(bytes: Uint8Array): Uint8Array {
  return concat([integer(bytes.length), bytes, new Uint8Array(paddingOf(bytes.length))])
}

function integer(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new FormatError('nar', `${value} is not a size in bytes.`)
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true)
  return bytes
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
