import { randomBytes } from 'node:crypto'
import { chown, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { dirname, join, basename } from 'node:path'
import { explainWriteFailure } from './explain-write-failure.ts'

interface ReplaceOptions {
  /** Permission bits; without it those of the file that is replaced, or 0644 for a new one. */
  readonly mode?: number
  /** Permission bits of directories that have to be made. */
  readonly directoryMode?: number
}

/**
 * Writes a whole file so that a reader, or a crash, sees the old content or the new, never a part. Keeps the owner,
 * and the mode unless one is given. Of a symbolic link the target is replaced. Throws CliError where the place is
 * read-only.
 */
export async function replaceFile(
  path: string,
  content: string,
  options: ReplaceOptions = {},
): Promise<void> {
  try {
    const target = await resolveLink(path)
    await mkdir(dirname(target), { recursive: true, mode: options.directoryMode ?? 0o755 })
    await writeAndRename(target, content, options)
  } catch (error) {
    throw explainWriteFailure(path, error)
  }
}

async function writeAndRename(target: string, content: string, options: ReplaceOptions): Promise<void> {
  const before = await statOrUndefined(target)
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`)
  try {
    await using file = await open(temporary, 'wx', 0o600)
    if (before) await keepOwner(temporary, before)
    await file.chmod(options.mode ?? (before ? before.mode & 0o7777 : 0o644))
    await file.writeFile(content)
    await file.sync()
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function keepOwner(path: string, { uid, gid }: Stats): Promise<void> {
  const own = await stat(path)
  if (own.uid !== uid || own.gid !== gid) await chown(path, uid, gid)
}

async function resolveLink(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (isMissing(error)) return path
    throw error
  }
}

async function statOrUndefined(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
