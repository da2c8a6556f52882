import type { NewPath, PublishOptions, PublishResult } from '../cache-database.ts'
import { adoptUpstreamPaths } from './adopt-upstream-paths.ts'
import type { Publisher } from './path-references.ts'
import { publishBatch } from './publish-batch.ts'
import { publishPath } from './publish-path.ts'
import type { SqlBackend } from './sql-backend.ts'
import { isAnyWaiting, releaseWaiting } from './waiting-paths.ts'

export interface PathsToPublish extends PublishOptions {
  readonly cacheId: number
  readonly paths: readonly NewPath[]
}

/** `PathTable.publish`. */
export function publishPaths(
  { db, flavour }: SqlBackend,
  { cacheId, paths, mayWait = false }: PathsToPublish,
): Promise<PublishResult[]> {
  return db.transaction().execute(async (transaction) => {
    await flavour.takeTurns.execute(transaction)
    const publisher = { db: transaction, flavour, cacheId }
    const inOrder = paths.map((path) => ({ ...path, references: [...new Set(path.references)].toSorted() }))
    // What waits may become visible between one path and the next.
    const isWaiting = await isAnyWaiting(transaction, cacheId)
    if (!mayWait && !isWaiting) return publishBatch(publisher, inOrder)
    return publishInTurn({ ...publisher, mayWait, isWaiting }, inOrder)
  })
}

interface Turns extends Publisher {
  readonly mayWait: boolean
  /** Whether any path of the cache waits. */
  readonly isWaiting: boolean
}

async function publishInTurn(turns: Turns, paths: readonly NewPath[]): Promise<PublishResult[]> {
  let { isWaiting } = turns
  const results: PublishResult[] = []
  const visible: string[] = []
  for (const path of paths) {
    const result = await publishPath({ ...turns, path })
    isWaiting ||= result.outcome === 'waiting'
    results.push(result)
    if (result.outcome !== 'published') continue
    visible.push(path.storeHash)
    if (isWaiting) visible.push(...(await releaseWaiting(turns, [path.storeHash])))
  }
  if (visible.length > 0) await adoptUpstreamPaths(turns, visible)
  return results
}
