import type { BinaryCache } from '@cachix/api'
import type { Context } from '../context.ts'
import type { Traces } from './nix-conf-edit.ts'

/** Milliseconds to wait for a service that may be gone: its caches can be removed without it. */
const patience = 5000

/** What `cachix use NAME` wrote, as far as the service still knows it, and as services commonly name things. */
export async function findTraces(context: Context, name: string): Promise<Traces> {
  const known = await askBriefly(context, name)
  const host = new URL(context.host)
  const path = host.pathname.replace(/\/$/, '')
  const keyPrefix = `${name}.${host.hostname}-`
  return {
    uris: [
      ...(known ? [known.uri] : []),
      `${host.protocol}//${name}.${host.host}${path}`,
      `${context.host}/${name}`,
    ],
    isKey: (key) => key.startsWith(keyPrefix) || known?.publicSigningKeys.includes(key) === true,
  }
}

async function askBriefly({ client }: Context, name: string): Promise<BinaryCache | undefined> {
  try {
    return await client.getCache(name, AbortSignal.timeout(patience))
  } catch {
    return undefined
  }
}
