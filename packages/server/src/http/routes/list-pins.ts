import { Pins } from '@cachix/api'
import { json, jsonResponse } from '../api-route.ts'
import type { ApiRoute } from '../api-route.ts'
import { accessCache } from '../cache-access.ts'
import { warnVisitor } from '../visitor.ts'
import type { Pin } from '../../database/pin-table.ts'

/** `GET /cache/NAME/pin`. */
export const listPinsRoute: ApiRoute = {
  method: 'get',
  path: '/cache/:name/pin',
  description: {
    path: '/cache/{name}/pin',
    summary: 'The pins of a cache',
    responses: { 200: { description: 'By name, each with its last revision', ...json(Pins) } },
  },
  async handle(deps, { request, param }) {
    const { cache, visitor } = await accessCache(deps, request, { name: param('name'), needed: 'Read' })
    const pins = await deps.database.pins.list(cache.id)
    return warnVisitor(jsonResponse(pins.map((pin) => describe(pin, cache.storeDir))), visitor)
  },
}

function describe({ name, keep, createdAt, lastRevision }: Pin, storeDir: string): Pins[number] {
  const { path, artifacts, number } = lastRevision
  return {
    name,
    createdOn: new Date(createdAt).toISOString(),
    keep: keep ?? null,
    lastRevision: {
      revision: number,
      storePath: `${storeDir}/${path}`,
      createdOn: new Date(lastRevision.createdAt).toISOString(),
      artifacts: [...artifacts],
    },
  }
}
