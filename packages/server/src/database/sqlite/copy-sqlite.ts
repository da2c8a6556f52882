import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { whenUnlocked } from './when-unlocked.ts'

const name = 'cachix.sqlite'

/** Copies what has been committed into the file `cachix.sqlite` of the directory. Others read and write meanwhile. */
export async function copySqlite(database: DatabaseSync, directory: string): Promise<string> {
  const draft = join(directory, `${name}.new`)
  await rm(draft, { force: true })
  try {
    await whenUnlocked(() => database.prepare('vacuum into ?').run(draft))
    await makeDurable(draft)
    // What somebody who opened the older copy may have left behind would be taken for a part of this one.
    for (const left of ['-wal', '-shm']) await rm(join(directory, name + left), { force: true })
    await rename(draft, join(directory, name))
    await makeDurable(directory)
  } finally {
    await rm(draft, { force: true })
  }
  return name
}

async function makeDurable(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
