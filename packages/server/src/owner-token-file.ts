import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { CacheError } from './cache-error.ts'

/**
 * Writes the owner's token where only this user can read it, in place of whatever the file held. There is no other copy,
 * so that when it cannot be written the error tells it.
 */
export async function writeOwnerToken(path: string, token: string): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  try {
    await writePrivately(draft, `${token}\n`)
    await rename(draft, path)
  } catch (cause) {
    await rm(draft, { force: true })
    const reason = cause instanceof Error ? cause.message : 'unknown error'
    const message = `The owner's token could not be written to ${path} (${reason}). Keep it yourself, it is not shown again: ${token}`
    throw new CacheError('unavailable', message, { cause })
  }
}

async function writePrivately(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}
