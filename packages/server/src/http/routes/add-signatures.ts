import { NewSignatures, SignatureOutcomes } from '@cachix/api'
import { addSignatures } from '../../services/add-signatures.ts'
import { bodyOf, json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'

/** `POST /cache/NAME/keys/signatures`. */
export const addSignaturesRoute: ApiRoute = {
  method: 'post',
  path: '/cache/:name/keys/signatures',
  description: {
    path: '/cache/{name}/keys/signatures',
    summary: 'Add signatures by an active key to paths that are there',
    request: { body: json(NewSignatures) },
    responses: { 200: { description: 'What became of each, in their order', ...json(SignatureOutcomes) } },
  },
  async handle(deps, call) {
    const { cache } = await accessCache(deps, call.request, { name: call.param('name'), needed: 'Write' })
    const added = await bodyOf(call, NewSignatures)
    const outcomes = await addSignatures(deps, cache, added)
    for (const { storeHash } of added.signatures) {
      deps.recent.forgetNarinfo({ cacheName: cache.name, storeHash })
    }
    deps.logger.debug({ cache: cache.name, signatures: outcomes.length }, 'signatures added')
    return jsonResponse({ outcomes } satisfies SignatureOutcomes)
  },
}
