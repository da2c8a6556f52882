import type { BinaryCache } from '@cachix/api'
import { parsePublicKey } from '@cachix/protocol'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ServiceError } from '../service/service-error.ts'

/** A cache as the service describes it. Throws CliError where it does not exist for this user, or makes no sense. */
export async function askForCache(context: Context, name: string): Promise<BinaryCache> {
  const cache = await getCacheOrExplain(context, name)
  // Both go into files that say what Nix trusts: no service may write anything else there.
  if (!isPlainUri(cache.uri) || !cache.publicSigningKeys.every(isPublicKey)) {
    throw new CliError(
      'service',
      `${context.host} describes ${name} with an address or a key that is not one.`,
    )
  }
  return cache
}

async function getCacheOrExplain({ client, host, token }: Context, name: string): Promise<BinaryCache> {
  try {
    return await client.getCache(name)
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    if (error.status === 404)
      throw new CliError('service', `There is no binary cache ${name} at ${host}.`, { cause: error })
    if (error.status !== 401 || token !== '') throw error
    const hint = 'If it is private, first save a token that may read it: cachix authtoken TOKEN.'
    throw new CliError('service', `${error.message}\n${hint}`, { cause: error })
  }
}

function isPlainUri(text: string): boolean {
  return /^https?:\/\/[^\s#"'\\]+$/.test(text) && URL.canParse(text)
}

function isPublicKey(text: string): boolean {
  try {
    parsePublicKey(text)
    return !/\s/.test(text)
  } catch {
    return false
  }
}
