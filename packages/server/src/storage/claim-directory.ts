import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CacheError } from '../cache-error.ts'
import { makeDirectory } from './durable-directory.ts'

/** A directory that no other server works in for as long as this is held. The death of the process ends it too. */
export interface Claim {
  release(): void
}

/**
 * Makes the directory if it is missing, and claims it. Throws `unavailable` when it cannot be written to, or another
 * server has it.
 */
export async function claimDirectory(directory: string): Promise<Claim> {
  try {
    await makeDirectory(directory)
    await access(directory, constants.W_OK)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown error'
    throw new CacheError(
      'unavailable',
      `The data directory ${directory} cannot be used (${reason}). ${elsewhere}`,
      { cause },
    )
  }
  return lock(directory)
}

const elsewhere = 'Choose another with --data DIR.'

/** A lock of the kernel's, by way of SQLite: Node has no call for it, and a file with a process id outlives its process. */
function lock(directory: string): Claim {
  const file = new DatabaseSync(join(directory, 'lock'), { timeout: 200 })
  try {
    file.exec('begin exclusive')
  } catch (cause) {
    file.close()
    const isTaken = cause instanceof Error && cause.message.includes('locked')
    if (!isTaken) throw cause
    throw new CacheError(
      'unavailable',
      `Another server is running on the data directory ${directory}. Stop it first. ${elsewhere}`,
      { cause },
    )
  }
  return {
    release() {
      if (file.isOpen) file.close()
    },
  }
}
