import { rm } from 'node:fs/promises'
import { readTextFile } from '../files/read-text-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import { isEmptyNetrc, removeNetrcEntry } from '../nix/netrc.ts'

/**
 * Takes hosts out of a netrc file. A file `cachix` made itself (`isOurs`) that has nothing left is deleted; returns
 * whether it was.
 */
export async function removeCredentials(
  path: string,
  hosts: Iterable<string>,
  isOurs: boolean,
): Promise<boolean> {
  const before = await readTextFile(path)
  if (before === undefined) return false
  const after = [...hosts].reduce(removeNetrcEntry, before)
  if (after === before) return false
  if (isOurs && isEmptyNetrc(after)) {
    await rm(path)
    return true
  }
  await replaceFile(path, after)
  return false
}
