import { stat } from 'node:fs/promises'
import type { BinaryCache } from '@cachix/api'
import type { Context } from '../context.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import { hasNetrcEntry, setNetrcEntry } from '../nix/netrc.ts'

export interface NetrcFile {
  readonly path: string
  /** The daemon's, and everybody's who has no other. */
  readonly isSystem: boolean
}

/** Puts the token for a private cache where Nix finds it, for nobody to read who could not before. */
export async function storeCredentials(
  context: Context,
  cache: BinaryCache,
  { path, isSystem }: NetrcFile,
): Promise<void> {
  const text = (await readTextFile(path)) ?? ''
  const { hostname: machine, pathname } = new URL(cache.uri)
  const after = setNetrcEntry(text, { machine, password: context.token })
  const mode = isSystem ? await systemMode(path) : 0o600
  await replaceFile(path, after, { mode })
  context.stdout.write(`Stored the token for ${machine} in ${path}\n`)
  if (pathname !== '/' && after !== text && hasNetrcEntry(text, machine)) {
    context.stderr.write(
      `Warning: ${path} had another token for ${machine}. Nix sends one token to all caches there: use one that may read all you need.\n`,
    )
  }
  if (isSystem && (mode & 0o077) === 0) {
    context.stderr.write(
      `Note: only the owner of ${path}, and the Nix daemon, read the token. \`nix copy\` of other users does not go through the daemon: for that they run \`cachix use ${cache.name} --mode user-nixconf\` with a token of theirs.\n`,
    )
  }
}

/** An administrator may have let a group read it; where everybody may, nobody has thought about it. */
async function systemMode(path: string): Promise<number> {
  try {
    const { mode } = await stat(path)
    return (mode & 0o007) === 0 ? 0o600 | (mode & 0o040) : 0o600
  } catch {
    return 0o600
  }
}
