import { CliError } from '../cli-error.ts'
import { readConfig } from '../config/config-file.ts'
import { savedKeys } from '../config/signing-key.ts'
import type { Context } from '../context.ts'
import { deleteCache } from '../service/access-calls.ts'
import { askLine } from '../terminal/ask-line.ts'
import { askForCache } from '../use/ask-for-cache.ts'
import { requireCacheName } from './require-cache-name.ts'
import { requireToken } from './require-token.ts'

interface DeleteOptions {
  /** Nobody is asked. */
  readonly yes?: boolean | undefined
}

/** `cachix delete NAME`. Throws CliError unless the cache is gone. */
export async function removeCache(context: Context, name: string, { yes }: DeleteOptions): Promise<void> {
  requireCacheName(name)
  requireToken(context, 'Deleting a cache')
  const { uri } = await askForCache(context, name)
  if (yes !== true) await confirm(context, name, uri)
  await deleteCache(context.client, name)
  context.stdout.write(
    `Deleted ${name}. Wherever it is used, \`cachix remove ${name}\` takes it out of Nix's settings.\n`,
  )
  const saved = await savedKeys(name, await readConfig(context.configPath))
  if (saved.length > 0) {
    context.stdout.write(
      `What signed for it stays in ${context.configPath}: take that out before you make a cache of this name with --managed-key.\n`,
    )
  }
}

async function confirm(context: Context, name: string, uri: string): Promise<void> {
  if (context.stdin.isTTY !== true) {
    throw new CliError(
      'usage',
      `Nothing was deleted: there is nobody to ask. Add --yes if ${uri} shall be gone for good.`,
    )
  }
  const question = `This deletes ${uri} with all its paths, keys, tokens and pins, for everybody. It cannot be undone.\nType its name to go on: `
  if ((await askLine(context, question)) === name) return
  throw new CliError('usage', `Nothing was deleted: that is not ${name}.`)
}
