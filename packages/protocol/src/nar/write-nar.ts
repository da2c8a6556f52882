import { FormatError } from '../format-error.ts'
import { TextEncoder } from '../platform.ts'
import { checkDepth, compareNames } from './limits.ts'
import * as nar from './writer.ts'

/** A tree in memory. Text is taken as UTF-8. */
export type NarNode =
  | { readonly type: 'regular'; readonly contents: Uint8Array; readonly executable?: boolean }
  | { readonly type: 'symlink'; readonly target: Uint8Array | string }
  | {
      readonly type: 'directory'
      readonly entries: readonly (readonly [name: Uint8Array | string, NarNode])[]
    }

/** The NAR of a tree, its entries put in order. Throws `FormatError` for what no NAR may hold. */
export function* writeNar(tree: NarNode): Generator<Uint8Array, void> {
  yield nar.narMagic
  yield* writeNode(tree, 0)
}

function* writeNode(node: NarNode, depth: number): Generator<Uint8Array, void> {
  checkDepth(depth)
  if (node.type === 'symlink') yield nar.symlink(toBytes(node.target))
  else if (node.type === 'directory') yield* writeDirectory(node.entries, depth)
  else yield* writeFile(node.contents, node.executable ?? false)
}

function* writeFile(contents: Uint8Array, executable: boolean): Generator<Uint8Array, void> {
  yield nar.openFile({ size: contents.length, executable })
  yield contents
  yield nar.closeFile(contents.length)
}

type Entries = Extract<NarNode, { type: 'directory' }>['entries']

function* writeDirectory(entries: Entries, depth: number): Generator<Uint8Array, void> {
  const sorted = entries.map(([name, node]) => ({ name: toBytes(name), node }))
  sorted.sort((a, b) => compareNames(a.name, b.name))
  yield nar.openDirectory
  for (const [i, { name, node }] of sorted.entries()) {
    const next = sorted[i + 1]
    if (next && compareNames(name, next.name) === 0)
      throw new FormatError('nar', 'Two entries have the same name.')
    yield nar.openEntry(name)
    yield* writeNode(node, depth + 1)
    yield nar.closeEntry
  }
  yield nar.closeDirectory
}

function toBytes(text: Uint8Array | string): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : text
}
