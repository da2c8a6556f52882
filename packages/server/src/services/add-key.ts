import type { NewKey } from '@cachix/api'
import { FormatError, parsePublicKey } from '@cachix/protocol'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import type { NewSigningKey, SigningKey } from '../database/signing-key-table.ts'
import type { Seal } from './seal.ts'
import { clientKey, isActive, managedKey, signingKeyName } from './signing-key.ts'

export interface AddKeyDeps {
  readonly database: CacheDatabase
  readonly seal: Seal
  /** Of the service, without a port: part of the names of keys. */
  readonly hostname: string
}

/**
 * Gives a cache one more key, beside those it has: one the service makes and keeps, or the public half of another. That
 * is named after the cache unless it comes with a name of its own. A key the cache has becomes active again if it was
 * retired. Gives `name:base64`. Throws `bad-request`, and `key-exists` for a name that is taken.
 */
export async function addKey(deps: AddKeyDeps, cache: Cache, request: NewKey): Promise<string> {
  const known = await deps.database.keys.list(cache.id)
  const key = await keyOf(deps, { cache, known }, request)
  const same = known.find(({ publicKey }) => publicKey === key.publicKey)
  if (same === undefined) await deps.database.keys.add(cache.id, key)
  else if (!isActive(same)) await deps.database.keys.restore(cache.id, same.name)
  return `${same?.name ?? key.name}:${key.publicKey}`
}

interface KnownKeys {
  readonly cache: Cache
  readonly known: readonly SigningKey[]
}

async function keyOf(deps: AddKeyDeps, { cache, known }: KnownKeys, request: NewKey): Promise<NewSigningKey> {
  const nextName = nameOfNext(deps, cache, known)
  if ('isManaged' in request) return managedKey(nextName, deps.seal)
  if (!request.publicKey.includes(':')) return clientKey(nextName, request.publicKey)
  const { name } = parseNamed(request.publicKey)
  await checkName(deps, cache, name)
  return clientKey(name, request.publicKey.slice(name.length + 1))
}

function nameOfNext({ hostname }: AddKeyDeps, cache: Cache, known: readonly SigningKey[]): string {
  const names = new Set(known.map(({ name }) => name))
  let number = 1
  while (names.has(signingKeyName(cache.name, hostname, number))) number += 1
  return signingKeyName(cache.name, hostname, number)
}

function parseNamed(text: string): { readonly name: string } {
  try {
    return parsePublicKey(text)
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause
    throw new CacheError('bad-request', cause.message, { cause })
  }
}

/** Of two keys with one name Nix heeds one only, so nobody's key may be named like that of another cache. */
async function checkName({ database, hostname }: AddKeyDeps, cache: Cache, name: string): Promise<void> {
  if (!/^[\w.+@-]{1,100}$/.test(name)) {
    throw new CacheError(
      'bad-request',
      'The name of a key has 1 to 100 letters, digits and characters of "._+@-".',
    )
  }
  const [, owner] = /^(.*)-\d+$/.exec(name) ?? []
  if (owner?.endsWith(`.${hostname}`) === true && owner !== `${cache.name}.${hostname}`) throw foreign(name)
  const upstreams = await database.upstreams.list(cache.id)
  if (upstreams.some(({ publicKeys }) => publicKeys.some((key) => key.startsWith(`${name}:`)))) {
    throw foreign(name)
  }
}

function foreign(name: string): CacheError {
  return new CacheError('bad-request', `${name} is the name of another cache's key: give yours another name.`)
}
