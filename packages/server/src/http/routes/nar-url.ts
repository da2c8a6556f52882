import { z } from 'zod'
import { CacheError } from '../../cache-error.ts'
import { parseNarFile } from '../../services/nar-file-name.ts'
import { json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'
import { warnVisitor } from '../visitor.ts'

/** `GET /cache/NAME/narurl/FILE`. */
export const narUrlRoute: ApiRoute = {
  method: 'get',
  path: '/cache/:name/narurl/:file',
  description: {
    path: '/cache/{name}/narurl/{file}',
    summary: 'Where a NAR is served',
    responses: { 200: { description: 'Its address', ...json(z.url()) } },
  },
  async handle(deps, { request, param }) {
    const { cache, visitor } = await accessCache(deps, request, { name: param('name'), needed: 'Read' })
    const file = parseNarFile(param('file'))
    const nar =
      file?.extension === '.zst' && (await deps.database.nars.findPublished(cache.name, file.fileHash))
    if (!nar) throw new CacheError('not-found', `Cache ${cache.name} has no such NAR.`)
    return warnVisitor(jsonResponse(`${deps.address.cacheUri(cache.name)}/nar/${param('file')}`), visitor)
  },
}
