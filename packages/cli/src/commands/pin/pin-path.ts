import type { PinKeep } from '@cachix/api'
import { defaultStoreDir } from '@cachix/protocol'
import { CliError } from '../../cli-error.ts'
import type { Context } from '../../context.ts'
import { findStorePath } from '../../nix/find-store-path.ts'
import { PinCalls } from '../../service/pin-calls.ts'
import { requireCacheName } from '../require-cache-name.ts'
import { requireToken } from '../require-token.ts'

interface PathToPin extends Keeping {
  readonly name: string
  readonly pin: string
  readonly path: string
  readonly artifact?: readonly string[] | undefined
}

interface Keeping {
  readonly keepDays?: number | undefined
  readonly keepRevisions?: number | undefined
  readonly keepForever?: true | undefined
}

/** `cachix pin NAME PIN PATH`: silent, as the genuine client is. Whether the path is in the cache the service knows. */
export async function pinPath(
  context: Context,
  { name, pin, path, artifact = [], ...keeping }: PathToPin,
): Promise<void> {
  requireCacheName(name)
  requireToken(context, 'Pinning a path')
  const storePath = await findStorePath(path, defaultStoreDir)
  if (storePath === undefined) throw new CliError('usage', `${path} is not in the Nix store.`)
  const calls = new PinCalls(context.client, name)
  await calls.create({ name: pin, storePath, artifacts: [...artifact], keep: keepOf(keeping) })
}

function keepOf({ keepDays, keepRevisions, keepForever }: Keeping): PinKeep {
  if (keepDays !== undefined) return { tag: 'Days', contents: keepDays }
  if (keepRevisions !== undefined) return { tag: 'Revisions', contents: keepRevisions }
  return keepForever ? { tag: 'Forever' } : null
}
