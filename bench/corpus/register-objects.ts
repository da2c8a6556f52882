import { runNix } from '../nix.ts'
import type { StoreObject } from './store-object.ts'

/**
 * Makes store objects that were written by hand valid in the store's database. Nix hashes them and gives them the
 * permissions and times it wants.
 */
export function registerObjects(objects: readonly StoreObject[]): void {
  const entries = objects.map(({ storePath, references }) =>
    [storePath, '', references.length, ...references].join('\n'),
  )
  runNix('nix-store', ['--register-validity'], `${entries.join('\n')}\n`)
}
