import type { SecretKey } from '@cachix/protocol'
import { checkSecretKey, parseSecretKey } from '@cachix/protocol'
import { CliError } from '../cli-error.ts'
import type { ConfigFile } from './config-file.ts'

/**
 * The signing key for a cache: CACHIX_SIGNING_KEY, else the newest one `cachix create` or `cachix generate-keypair`
 * saved; undefined where there is none. Throws CliError when it is not a key, or its two halves do not belong together.
 */
export async function findSigningKey(
  cacheName: string,
  config: ConfigFile,
  environment: NodeJS.ProcessEnv,
): Promise<SecretKey | undefined> {
  const fromEnvironment = environment['CACHIX_SIGNING_KEY']?.trim() ?? ''
  if (fromEnvironment !== '') return await parseKey(fromEnvironment, 'CACHIX_SIGNING_KEY', cacheName)
  const saved = config.binaryCaches.findLast((cache) => cache.name === cacheName)
  return saved && (await parseKey(saved.secretKey, `The signing key saved for ${cacheName}`, cacheName))
}

async function parseKey(text: string, origin: string, cacheName: string): Promise<SecretKey> {
  const key = parseOrExplain(text, origin, cacheName)
  if (await checkSecretKey(key)) return key
  throw new CliError(
    'credentials',
    `${origin} is damaged: its public half does not belong to its secret half.`,
  )
}

function parseOrExplain(text: string, origin: string, cacheName: string): SecretKey {
  try {
    return parseSecretKey(text, cacheName)
  } catch (error) {
    throw new CliError(
      'credentials',
      `${origin} is not a signing key: it must be the base64 text cachix printed, or Nix's NAME:BASE64.`,
      { cause: error },
    )
  }
}
