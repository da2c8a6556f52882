import { readlink } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { parseBaseName } from '@cachix/protocol'

/**
 * The store path (full) a file belongs to: the path itself, a file inside of one, or what symbolic links such as
 * `./result` lead to. Undefined when it is not in the store. Like Nix, follows no link that is itself in the store.
 */
export async function findStorePath(path: string, storeDir: string): Promise<string | undefined> {
  let here = resolve(path)
  for (let links = 0; links < maxLinks; links++) {
    if (here.startsWith(storeDir + sep)) return storePathOf(here, storeDir)
    const followed = await followFirstLink(here)
    if (followed === undefined) return undefined
    here = followed
  }
  return undefined
}

/** As many as Linux follows. */
const maxLinks = 40

function storePathOf(path: string, storeDir: string): string | undefined {
  const [baseName = ''] = path.slice(storeDir.length + 1).split(sep, 1)
  try {
    parseBaseName(baseName)
  } catch {
    return undefined
  }
  return join(storeDir, baseName)
}

/** The same path with its first symbolic link replaced by where that leads; undefined when there is none. */
async function followFirstLink(path: string): Promise<string | undefined> {
  for (let end = path.indexOf(sep, 1); ; end = path.indexOf(sep, end + 1)) {
    const prefix = end === -1 ? path : path.slice(0, end)
    const target = await linkTarget(prefix)
    if (target !== undefined) return resolve(dirname(prefix), target, `.${path.slice(prefix.length)}`)
    if (end === -1) return undefined
  }
}

/** Undefined for everything that is not a symbolic link, whether it exists or not. */
async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path)
  } catch {
    return undefined
  }
}
