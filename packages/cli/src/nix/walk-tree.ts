import * as fs from 'node:fs'
import {
  checkDepth,
  closeDirectory,
  closeEntry,
  closeFile,
  narMagic,
  openDirectory,
  openEntry,
  openFile,
  symlink,
} from '@cachix/protocol'
import { NarDumpError } from './nar-dump-error.ts'

export interface WalkOptions {
  /** Drop the suffix by which Nix on macOS tells apart names that differ in case only. Default: on macOS. */
  readonly caseHack?: boolean | undefined
}

/** The contents of a file, to be read where this stands in the NAR. */
export interface SourceFile {
  readonly path: Buffer
  /** Bytes. */
  readonly size: number
}

type Piece = Uint8Array | SourceFile

/**
 * The pieces of the NAR of a tree, in order. Paths are bytes throughout, as file names need not be text.
 * The calls are synchronous: a trip to the thread pool takes several times as long as a call that finds its answer in
 * memory, and almost all do. The stack is explicit, so depth costs nothing.
 */
export function* walkTree(root: string, options: WalkOptions = {}): Generator<Piece, void> {
  const caseHack = options.caseHack ?? process.platform === 'darwin'
  const stack: Directory[] = []
  yield narMagic
  yield* visit(Buffer.from(root), stack, caseHack)
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const entry = top.entries.pop()
    if (entry === undefined) {
      stack.pop()
      yield closeDirectory
      if (stack.length > 0) yield closeEntry
      continue
    }
    yield openEntry(entry.name)
    const depth = stack.length
    yield* visit(Buffer.concat([top.prefix, entry.file]), stack, caseHack)
    if (stack.length === depth) yield closeEntry
  }
}

interface Directory {
  /** Its path and a slash. */
  readonly prefix: Buffer
  /** The last is the next to visit. */
  readonly entries: Entry[]
}

interface Entry {
  /** On disk. */
  readonly file: Buffer
  /** In the NAR. */
  readonly name: Buffer
}

/** A node that is not a directory is whole afterwards; a directory is only begun, and waits on the stack. */
function visit(path: Buffer, stack: Directory[], caseHack: boolean): Piece[] {
  checkDepth(stack.length)
  const { size, mode } = fs.lstatSync(path)
  const kind = mode & fs.constants.S_IFMT
  if (kind === fs.constants.S_IFREG) {
    const executable = (mode & fs.constants.S_IXUSR) !== 0
    return [openFile({ size, executable }), { path, size }, closeFile(size)]
  }
  if (kind === fs.constants.S_IFLNK) return [symlink(fs.readlinkSync(path, 'buffer'))]
  if (kind === fs.constants.S_IFDIR) {
    stack.push({ prefix: Buffer.concat([path, slash]), entries: readEntries(path, caseHack) })
    return [openDirectory]
  }
  const message = `${path.toString()} is neither a file, a directory nor a symbolic link.`
  throw new NarDumpError('unsupported', message)
}

const slash = Buffer.from('/')
const caseHackMark = Buffer.from('~nix~case~hack~')

function readEntries(path: Buffer, caseHack: boolean): Entry[] {
  const files = fs.readdirSync(path, { encoding: 'buffer' })
  const entries = files.map((file) => ({ file, name: caseHack ? withoutCaseHack(file) : file }))
  entries.sort((a, b) => Buffer.compare(b.name, a.name))
  if (caseHack) checkUnique(path, entries)
  return entries
}

function withoutCaseHack(file: Buffer): Buffer {
  const mark = file.indexOf(caseHackMark)
  return mark === -1 ? file : file.subarray(0, mark)
}

function checkUnique(path: Buffer, entries: readonly Entry[]): void {
  const twice = entries.find(({ name }, i) => entries[i + 1]?.name.equals(name))
  if (twice === undefined) return
  throw new NarDumpError('unsupported', `${path.toString()} has two files named ${twice.name.toString()}.`)
}
