import type { Context } from '../context.ts'
import { setVisibility } from '../service/access-calls.ts'
import { requireCacheName } from './require-cache-name.ts'
import { requireToken } from './require-token.ts'

/** `cachix visibility NAME public|private`. */
export async function changeVisibility(
  context: Context,
  name: string,
  visibility: 'public' | 'private',
): Promise<void> {
  requireCacheName(name)
  requireToken(context, 'Changing who may read a cache')
  await setVisibility(context.client, name, visibility === 'public')
  context.stdout.write(
    visibility === 'public'
      ? `Everybody may read ${name} now, all that was pushed before included.\n`
      : `Only holders of a token may read ${name} now. Readers run \`cachix use ${name}\` again, with one. Proxies, and whoever read it before, may still have what they read.\n`,
  )
}
