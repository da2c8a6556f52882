import type { BinaryCache } from '@cachix/api'
import type { Context } from '../context.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import { setNetrcEntry } from '../nix/netrc.ts'

/** Puts the token for a private cache where Nix finds it. The file is for its owner only. */
export async function storeCredentials(
  context: Context,
  cache: BinaryCache,
  netrcPath: string,
): Promise<void> {
  const text = (await readTextFile(netrcPath)) ?? ''
  const machine = new URL(cache.uri).hostname
  await replaceFile(netrcPath, setNetrcEntry(text, { machine, password: context.token }), { mode: 0o600 })
  context.stdout.write(`Stored the token for ${machine} in ${netrcPath}\n`)
}
