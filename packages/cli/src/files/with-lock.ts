import { mkdir, open, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { CliError } from '../cli-error.ts'
import { explainWriteFailure } from './explain-write-failure.ts'

/** Milliseconds. What is done under a lock takes a few; an older lock was left behind by a process that was killed. */
const staleAfter = 10_000
const pause = 20
const patience = 30_000

/** Runs `work` while no other process runs work under the lock of the same file, `PATH.lock`. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await take(lock)
  } catch (error) {
    throw explainWriteFailure(path, error)
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function take(lock: string): Promise<void> {
  const deadline = Date.now() + patience
  while (!(await tryTake(lock))) {
    if (Date.now() > deadline)
      throw new CliError('file', `Another cachix is at work here: ${lock} does not go away.`)
    if (await isStale(lock)) await rm(lock, { force: true })
    else await delay(pause)
  }
}

async function tryTake(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx', 0o600)
    await file.close()
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function isStale(lock: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(lock)).mtimeMs > staleAfter
  } catch {
    return false
  }
}
