import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import type { BinaryCache, CreateCache } from '@cachix/api'
import type { LocalService } from './local-service.ts'
import { answer, localService, refuse } from './local-service.ts'

export const ownerToken = 'owner-token'

export interface LocalCachix extends LocalService {
  readonly caches: Map<string, BinaryCache>
}

/** As much of the service as the commands but push need, on a real port, with the real one's sentences. */
export async function localCachix(): Promise<LocalCachix> {
  const caches = new Map<string, BinaryCache>()
  const service = await localService(async (request, response) => {
    await respond({ caches, request, response })
  })
  return { ...service, caches }
}

/** What the service tells about a cache. */
export function cache(name: string, changes: Partial<BinaryCache> = {}): BinaryCache {
  return {
    name,
    uri: `https://${name}.cachix.example`,
    isPublic: true,
    publicSigningKeys: [`${name}.cachix.example-1:${Buffer.alloc(32, name).toString('base64')}`],
    githubUsername: 'owner',
    permission: 'Read',
    preferredCompressionMethod: 'ZSTD',
    ...changes,
  }
}

interface Exchange {
  readonly caches: Map<string, BinaryCache>
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

async function respond({ caches, request, response }: Exchange): Promise<void> {
  const isOwner = request.headers.authorization === `Bearer ${ownerToken}`
  const [, name = '', part] = /^\/api\/v1\/cache\/([^/]+)(\/key)?$/.exec(request.url ?? '') ?? []
  if (request.url === '/api/v1/user') whoAmI(isOwner, response)
  else if (request.method === 'GET') describe(caches.get(name), { name, isOwner, response })
  else if (!isOwner) refuse(response, 401, 'This token may not write.')
  else if (request.method === 'DELETE') remove(caches, name, response)
  else if (part) await addKey(caches.get(name), request, response)
  else create(caches, name, (await json(request)) as CreateCache)(response)
}

function whoAmI(isOwner: boolean, response: ServerResponse): void {
  if (isOwner) answer(response, { username: 'owner', githubUsername: 'owner' })
  else refuse(response, 401, 'This token is not known here.')
}

function describe(
  known: BinaryCache | undefined,
  {
    name,
    isOwner,
    response,
  }: { readonly name: string; readonly isOwner: boolean; readonly response: ServerResponse },
): void {
  if (known && (known.isPublic || isOwner)) answer(response, known)
  else if (isOwner) refuse(response, 404, 'Not found.')
  else refuse(response, 401, `Binary cache ${name} doesn't exist or you're not authorized to read it.`)
}

async function addKey(
  known: BinaryCache | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { publicKey } = (await json(request)) as { publicKey: string }
  known?.publicSigningKeys.push(`${known.name}.cachix.example-1:${publicKey}`)
  answer(response, '')
}

function remove(caches: Map<string, BinaryCache>, name: string, response: ServerResponse): void {
  if (caches.delete(name)) answer(response, '')
  else refuse(response, 404, 'Not found.')
}

function create(
  caches: Map<string, BinaryCache>,
  name: string,
  body: CreateCache,
): (response: ServerResponse) => void {
  if (caches.has(name)) return (response) => refuse(response, 409, `The name ${name} is taken.`)
  const publicSigningKeys = [`${name}.cachix.example-1:${body.publicSigningKey ?? 'managed'}`]
  caches.set(name, cache(name, { isPublic: body.isPublic, publicSigningKeys }))
  return (response) => answer(response, '')
}
