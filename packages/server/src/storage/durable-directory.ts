import { mkdir, open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** Makes a directory and its missing parents so that all of them survive power loss. */
export async function makeDirectory(path: string): Promise<void> {
  const target = resolve(path)
  const firstMade = (await mkdir(target, { recursive: true })) ?? target
  // A new directory is durable once the one that names it is.
  for (let made = target; made.length >= firstMade.length; made = dirname(made)) {
    await syncDirectory(dirname(made))
  }
}

/** Makes the names in a directory durable: what was created in it, renamed into it or removed from it. */
export async function syncDirectory(path: string): Promise<void> {
  await syncFile(path)
}

/** Makes the bytes of a file durable. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
