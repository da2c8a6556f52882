import { NarInfoJson } from '@cachix/api'
import { parseNarInfo } from '@cachix/protocol'
import { CacheError } from '../../cache-error.ts'
import { readNarinfo } from '../../services/read-narinfo.ts'
import { json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'
import { etagMatches } from '../etag-matches.ts'
import { warnVisitor } from '../visitor.ts'

const ending = '.narinfo'

/** `GET /cache/NAME/HASH.narinfo` of those who accept JSON; the others get it as Nix does. */
export const getNarinfoJsonRoute: ApiRoute = {
  method: 'get',
  path: '/cache/:name/:file{.+\\.narinfo}',
  description: {
    path: '/cache/{name}/{storeHash}.narinfo',
    summary: 'What there is to know about a path',
    responses: { 200: { description: 'As JSON, or as Nix reads it', ...json(NarInfoJson) } },
  },
  async handle(deps, { request, param }) {
    const { cache, visitor } = await accessCache(deps, request, { name: param('name'), needed: 'Read' })
    const storeHash = param('file').slice(0, -ending.length)
    const narinfo = await readNarinfo(deps, { cacheName: cache.name, storeHash })
    if (narinfo === undefined) throw new CacheError('not-found', `Cache ${cache.name} has no such path.`)
    const { text, etag } = narinfo
    const response = etagMatches(request.headers.get('if-none-match'), etag)
      ? new Response(null, { status: 304 })
      : jsonResponse(describe(text, cache.storeDir))
    response.headers.set('etag', etag)
    response.headers.set('cache-control', 'private, no-cache')
    response.headers.set('vary', 'accept')
    return warnVisitor(response, visitor)
  },
}

function describe(text: string, storeDir: string): NarInfoJson {
  const {
    fileHash = '',
    fileSize = 0,
    deriver = null,
    ca = null,
    signatures,
    ...info
  } = parseNarInfo(text, storeDir)
  const { storePath, url, compression, narHash, narSize, references } = info
  const file = { storePath, url, compression, fileHash, fileSize, narHash, narSize }
  const sigs = { sig: signatures.at(0) ?? null, signatures: [...signatures] }
  return { ...file, references: [...references], deriver, system: null, ...sigs, ca }
}
