import type { NewPath, PublishOptions, PublishResult } from '../cache-database.ts'
import { adoptUpstreamPaths } from './adopt-upstream-paths.ts'
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
    let isWaiting = await isAnyWaiting(transaction, cacheId)
    const results: PublishResult[] = []
    const visible: string[] = []
    for (const path of paths) {
      const references = [...new Set(path.references)].toSorted()
      const result = await publishPath({ ...publisher, mayWait, path: { ...path, references } })
      isWaiting ||= result.outcome === 'waiting'
      results.push(result)
      if (result.outcome !== 'published') continue
      visible.push(path.storeHash)
      if (isWaiting) visible.push(...(await releaseWaiting(publisher, [path.storeHash])))
    }
    if (visible.length > 0) await adoptUpstreamPaths(publisher, visible)
    return results
  })
}
