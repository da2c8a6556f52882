import { StoreHashes } from '@cachix/api'
import { listContents } from '../../services/list-contents.ts'
import { json } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'
import { warnVisitor } from '../visitor.ts'

/** `GET /cache/NAME/contents`: a large cache has more of them than should be in memory. */
export const listContentsRoute: ApiRoute = {
  method: 'get',
  path: '/cache/:name/contents',
  description: {
    path: '/cache/{name}/contents',
    summary: 'All paths of a cache',
    responses: { 200: { description: 'Their base names', ...json(StoreHashes) } },
  },
  async handle(deps, { request, param }) {
    const { cache, visitor } = await accessCache(deps, request, { name: param('name'), needed: 'Read' })
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
    const body = ReadableStream.from(jsonArray(listContents(deps, cache)))
    return warnVisitor(new Response(body, { headers }), visitor)
  },
}

async function* jsonArray(pages: AsyncIterable<readonly string[]>): AsyncGenerator<Uint8Array> {
  let separator = '['
  for await (const page of pages) {
    yield Buffer.from(separator + page.map((item) => JSON.stringify(item)).join(',\n'))
    separator = ',\n'
  }
  yield Buffer.from(separator === '[' ? '[]' : ']')
}
