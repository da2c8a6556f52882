import { CliError } from '../cli-error.ts'
import type { NewKey } from '../config/saved-keys.ts'
import { forgetKey, generateKey, saveKey } from '../config/saved-keys.ts'
import type { Context } from '../context.ts'
import { ServiceError } from '../service/service-error.ts'

/**
 * Makes a signing key, saves it, and only then tells the service with `tell`: a key the service knows is never lost.
 * When the service refuses, the key is forgotten again and the refusal thrown.
 */
export async function registerKey(
  context: Context,
  cacheName: string,
  tell: (publicKey: string) => Promise<void>,
): Promise<NewKey> {
  const key = await generateKey(cacheName)
  await saveKey(context.configPath, cacheName, key)
  try {
    await tell(key.publicKey)
  } catch (error) {
    await settle(context, { cacheName, key, error })
  }
  return key
}

/** The answer may have been lost although the service did what was asked, so look before forgetting the key. */
async function settle(
  { client, configPath }: Context,
  { cacheName, key, error }: { readonly cacheName: string; readonly key: NewKey; readonly error: unknown },
): Promise<void> {
  const known = await knowsKey(client.getCache(cacheName), key)
  if (known === true) return
  if (known === false || isRefusal(error) || !client.connected) {
    await forgetKey(configPath, key)
    throw error
  }
  throw new CliError(
    'service',
    `${error instanceof Error ? error.message : String(error)}\nWhether the cache was created is not known. Its signing key stays in ${configPath}.`,
    { cause: error },
  )
}

/** Undefined: could not find out. */
async function knowsKey(
  asked: Promise<{ readonly publicSigningKeys: readonly string[] }>,
  { publicKey }: NewKey,
): Promise<boolean | undefined> {
  try {
    return (await asked).publicSigningKeys.some((key) => key.endsWith(`:${publicKey}`))
  } catch (error) {
    return isRefusal(error) ? false : undefined
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ServiceError && error.status !== undefined && error.status < 500
}
