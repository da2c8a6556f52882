import type { CacheKey } from '@cachix/api'
import type { Context } from '../../context.ts'
import { KeyCalls } from '../../service/key-calls.ts'
import { requireCacheName } from '../require-cache-name.ts'
import { requireToken } from '../require-token.ts'

/** `cachix key list NAME`. */
export async function listKeys(context: Context, name: string): Promise<void> {
  requireCacheName(name)
  requireToken(context, 'Listing keys')
  const keys = await new KeyCalls(context.client, name).list()
  const here = await context.signingKeys(name)
  const publicKeys = new Set(here.map(({ publicKey }) => Buffer.from(publicKey).toString('base64')))
  context.stdout.write(keys.map((key) => describe(key, publicKeys)).join(''))
}

function describe(key: CacheKey, here: ReadonlySet<string>): string {
  const facts = [
    key.state,
    ...(key.isManaged ? ['kept by the service'] : []),
    ...(here.has(key.publicKey) ? ['secret half at hand'] : []),
    key.unsignedPaths === 0 ? 'has signed every path' : `${key.unsignedPaths} paths are not signed by it`,
  ]
  return `${key.name}:${key.publicKey}\n  ${facts.join(', ')}\n`
}
