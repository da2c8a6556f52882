import * as fs from 'node:fs'
import { promisify } from 'node:util'
import { FormatError, maxFrameContent } from '@cachix/protocol'
import { BlockWriter } from './block-writer.ts'
import { NarDumpError } from './nar-dump-error.ts'
import { walkTree, type SourceFile, type WalkOptions } from './walk-tree.ts'

interface DumpOptions extends WalkOptions {
  /** Bytes of every block but the last. */
  readonly blockSize?: number | undefined
}

/**
 * The NAR of a file, symbolic link or directory, in blocks, each valid until the next is asked for. Throws NarDumpError when
 * something cannot be read, changes while it is read, or has no place in a NAR.
 */
export async function* dumpNar(path: string, options: DumpOptions = {}): AsyncGenerator<Uint8Array, void> {
  const output = new BlockWriter(options.blockSize ?? maxFrameContent)
  try {
    for (const piece of walkTree(path, options)) {
      if (piece instanceof Uint8Array) output.append(piece)
      else if (piece.size <= smallFile) copySmall(piece, output)
      else yield* copyLarge(piece, output)
      for (let block = output.takeFull(); block; block = output.takeFull()) yield block
    }
  } catch (error) {
    throw explain(path, error)
  }
  const rest = output.takeRest()
  if (rest) yield rest
}

/** Up to here a trip to the thread pool would take longer than the reading itself. */
const smallFile = 128 * 1024

function copySmall(file: SourceFile, output: BlockWriter): void {
  if (file.size === 0) return
  const descriptor = open(file)
  try {
    for (let left = file.size; left > 0;) {
      const count = fs.readSync(descriptor, output.room(left))
      if (count === 0) throw tooShort(file)
      output.advance(count)
      left -= count
    }
  } finally {
    fs.closeSync(descriptor)
  }
}

async function* copyLarge(file: SourceFile, output: BlockWriter): AsyncGenerator<Uint8Array, void> {
  const descriptor = open(file)
  try {
    for (let left = file.size; left > 0;) {
      const room = output.room(left)
      const { bytesRead } = await read(descriptor, room, 0, room.length, null)
      if (bytesRead === 0) throw tooShort(file)
      output.advance(bytesRead)
      left -= bytesRead
      for (let block = output.takeFull(); block; block = output.takeFull()) yield block
    }
  } finally {
    fs.closeSync(descriptor)
  }
}

const read = promisify(fs.read)

function open(file: SourceFile): number {
  return fs.openSync(file.path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW)
}

/** A file that has grown shows in the hash of the NAR. */
function tooShort(file: SourceFile): NarDumpError {
  return new NarDumpError('changed', `${file.path.toString()} became shorter while it was read.`)
}

function explain(path: string, error: unknown): unknown {
  if (error instanceof FormatError) {
    return new NarDumpError('unsupported', `${path} cannot be in a binary cache: ${error.message}`, {
      cause: error,
    })
  }
  if (error instanceof Error && 'syscall' in error) {
    return new NarDumpError('unreadable', `${path} cannot be read: ${error.message}`, { cause: error })
  }
  return error
}
