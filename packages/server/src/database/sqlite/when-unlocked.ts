import { setTimeout as pause } from 'node:timers/promises'
import { CacheError } from '../../cache-error.ts'

const patience = 30_000
const longestPause = 10

// https://www.sqlite.org/rescode.html
const busy = 5
const full = 13
const noRoomForSharedMemory = 4874

/**
 * Runs a synchronous act on SQLite, again while another connection holds the write lock. SQLite's own waiting
 * (`busy_timeout`) would stop this whole process, and with it a holder of the lock in the same process.
 *
 * Throws `unavailable` after half a minute, `disk-full` when there is no room.
 */
export async function whenUnlocked<Result>(act: () => Result): Promise<Result> {
  const deadline = Date.now() + patience
  for (let delay = 1; ; delay = Math.min(delay * 2, longestPause)) {
    try {
      return act()
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw toCacheError(error)
    }
    await pause(delay)
  }
}

function toCacheError(error: unknown): unknown {
  if (isBusy(error)) {
    return new CacheError('unavailable', 'The database has been locked for too long: try again later.', {
      cause: error,
    })
  }
  if (resultCode(error) === full || resultCode(error) === noRoomForSharedMemory) {
    return new CacheError('disk-full', 'The disk of the database is full: nothing was changed.', {
      cause: error,
    })
  }
  return error
}

/** Extended result codes hold the basic one in their low byte. */
function isBusy(error: unknown): boolean {
  return ((resultCode(error) ?? 0) & 0xff) === busy
}

function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) : undefined
}
