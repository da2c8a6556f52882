import { accessCache } from './cache-access.ts'
import type { HttpDeps } from './http-deps.ts'
import { textResponse } from './http-error.ts'
import type { ServiceAddress } from './service-address.ts'
import { warnVisitor } from './visitor.ts'

/** `/`: says what this is. On the host of a cache it depends on nothing but the host: a private one does not show. */
export function welcome(address: ServiceAddress, host: string): Response {
  const cache = address.cacheOfHost(host)
  return textResponse(200, cache === undefined ? serviceText(address) : cacheText(cache, address))
}

/**
 * `/NAME`, as `welcome` on a cache's own host, for those who may read it: not every word behind the host is to look like
 * a cache. Throws `not-authorized` and `not-found`.
 */
export async function welcomeToCache(deps: HttpDeps, request: Request, name: string): Promise<Response> {
  const { visitor } = await accessCache(deps, request, { name, needed: 'Read' })
  return warnVisitor(textResponse(200, cacheText(name, deps.address)), visitor)
}

function serviceText({ origin, cacheUri }: ServiceAddress): string {
  return `This is a service for Nix binary caches.

Point the command line here and save your token:
  cachix config set hostname ${origin}
  cachix authtoken TOKEN

Create a cache, push to it, and use it:
  cachix create NAME
  nix-build | cachix push NAME
  cachix use NAME

A cache is at ${cacheUri('NAME')} and at ${origin}/NAME. The API is described in ${origin}/api/v1/openapi.json.`
}

function cacheText(name: string, { origin }: ServiceAddress): string {
  return `This is the address of a Nix binary cache, for Nix to fetch from.

To use it:
  cachix config set hostname ${origin}
  cachix use ${name}`
}
