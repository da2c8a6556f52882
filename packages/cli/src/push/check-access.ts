import type { BinaryCache } from '@cachix/api'
import { CliError } from '../cli-error.ts'

/** Throws CliError unless the token may write to the cache. */
export function checkAccess(cache: BinaryCache): void {
  if (cache.permission !== 'Read') return
  throw new CliError(
    'credentials',
    `The auth token may read cache ${cache.name}, but not push to it. Ask its owner (${cache.githubUsername}) for one ` +
      'that may, and set CACHIX_AUTH_TOKEN or run `cachix authtoken TOKEN`. Nothing was uploaded.',
  )
}
