import type { Context } from '../../context.ts'
import { UpstreamCalls } from '../../service/upstream-calls.ts'
import { requireCacheName } from '../require-cache-name.ts'
import { requireToken } from '../require-token.ts'

interface NewUpstream {
  readonly name: string
  readonly url: string
  readonly publicKeys: readonly string[]
}

/** `cachix upstream list NAME`. */
export async function listUpstreams({ client, stdout }: Context, name: string): Promise<void> {
  requireCacheName(name)
  const { upstreams = [] } = await client.getCache(name)
  for (const { url, publicKeys } of upstreams) stdout.write(`${[url, ...publicKeys].join('\n  ')}\n`)
}

/** `cachix upstream add NAME URL KEY…`. */
export async function addUpstream(context: Context, { name, url, publicKeys }: NewUpstream): Promise<void> {
  requireCacheName(name)
  requireToken(context, 'Declaring an upstream')
  await new UpstreamCalls(context.client, name).declare({ url, publicKeys: [...publicKeys] })
  context.stdout.write(`What ${url} has signed is no longer stored in ${name} too.\n`)
}

/** `cachix upstream remove NAME URL`. */
export async function removeUpstream(context: Context, name: string, url: string): Promise<void> {
  requireCacheName(name)
  requireToken(context, 'Removing an upstream')
  await new UpstreamCalls(context.client, name).remove(url)
  context.stdout.write(`${url} is no upstream of ${name} any more: what it has signed is stored too.\n`)
}
