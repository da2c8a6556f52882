import { CacheName, cacheNameRule } from '@cachix/api'
import { CliError } from '../cli-error.ts'

/** Throws CliError, with the rule, for what cannot be the name of a cache. */
export function requireCacheName(name: string): void {
  if (CacheName.safeParse(name).success) return
  throw new CliError('usage', `"${name}" is not a cache name. ${cacheNameRule}`)
}
