import { updateConfig } from '../config/config-file.ts'
import type { Context } from '../context.ts'
import { readIdentityToken } from '../identity/read-identity-token.ts'
import type { IdentitySource } from '../identity/read-identity-token.ts'
import { exchangeIdentity } from '../service/access-calls.ts'
import { requireCacheName } from './require-cache-name.ts'

/** `cachix authtoken --oidc NAME`: exchanges the identity of a CI job for a token of a cache, and saves that. */
export async function saveExchangedToken(
  context: Context,
  cacheName: string,
  source: IdentitySource,
): Promise<void> {
  requireCacheName(cacheName)
  const token = await readIdentityToken(context, source)
  const given = await exchangeIdentity(context.client.withToken(''), { cache: cacheName, token })
  await updateConfig(context.configPath, (config) => ({ ...config, authToken: given.token }))
  const may = given.permission === 'Write' ? 'push to' : 'read'
  context.stdout.write(
    `Written to ${context.configPath}: a token that may ${may} ${cacheName} until ${given.expiresAt}\n`,
  )
  if (context.environment['CACHIX_AUTH_TOKEN'] !== undefined)
    context.stderr.write('Note: CACHIX_AUTH_TOKEN is set, and is used instead of the saved token.\n')
}
