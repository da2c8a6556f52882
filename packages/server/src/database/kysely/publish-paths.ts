import type { NewPath, PublishResult } from '../cache-database.ts'
import { adoptUpstreamPaths } from './adopt-upstream-paths.ts'
import { publishPath } from './publish-path.ts'
import type { SqlBackend } from './sql-backend.ts'

/** `PathTable.publish`. */
export function publishPaths(
  { db, flavour }: SqlBackend,
  cacheId: number,
  paths: readonly NewPath[],
): Promise<PublishResult[]> {
  return db.transaction().execute(async (transaction) => {
    await flavour.takeTurns.execute(transaction)
    const results: PublishResult[] = []
    for (const path of paths) {
      const references = [...new Set(path.references)].toSorted()
      results.push(await publishPath({ db: transaction, flavour, cacheId, path: { ...path, references } }))
    }
    const published = paths.filter((_, index) => results[index]?.outcome === 'published')
    if (published.length > 0) {
      const storeHashes = published.map((path) => path.storeHash)
      await adoptUpstreamPaths({ db: transaction, flavour, cacheId }, storeHashes)
    }
    return results
  })
}
