import type { SecretKey } from '@cachix/protocol'
import { checkSecretKey, parseSecretKey } from '@cachix/protocol'
import { CliError } from '../cli-error.ts'
import type { ConfigFile } from './config-file.ts'

/**
 * The signing keys for a cache: those of CACHIX_SIGNING_KEY, one or several with blanks between them, else those that
 * `cachix create`, `generate-keypair` and `key add` saved, newest first. Throws CliError when one is not a key, or its two
 * halves do not belong together.
 */
export async function findSigningKeys(
  cacheName: string,
  config: ConfigFile,
  environment: NodeJS.ProcessEnv,
): Promise<readonly SecretKey[]> {
  const fromEnvironment = (environment['CACHIX_SIGNING_KEY'] ?? '').split(/\s+/).filter(Boolean)
  if (fromEnvironment.length > 0) {
    return Promise.all(fromEnvironment.map((text) => parseKey(text, 'CACHIX_SIGNING_KEY', cacheName)))
  }
  return savedKeys(cacheName, config)
}

/** Those that were saved, whatever the environment says, newest first. Throws CliError. */
export async function savedKeys(cacheName: string, config: ConfigFile): Promise<readonly SecretKey[]> {
  const origin = `The signing key saved for ${cacheName}`
  const saved = config.binaryCaches.filter((cache) => cache.name === cacheName).toReversed()
  return Promise.all(saved.map(({ secretKey }) => parseKey(secretKey, origin, cacheName)))
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
