import { baseNameOf, parseBaseName } from '@cachix/protocol'
import type { PathInfo, StoreReader } from '../nix/store-reader.ts'

export interface PushPlan {
  /** Dependencies first. */
  readonly missing: readonly PathInfo[]
  /** How many paths of the closure the cache has. */
  readonly present: number
}

export interface PlanDeps {
  readonly store: StoreReader
  /** Which of these store hashes the cache lacks. */
  readonly findMissing: (hashes: readonly string[]) => Promise<Set<string>>
}

/** What has to be sent for the whole closure of these store paths to be in the cache. */
export async function planPush(deps: PlanDeps, storePaths: readonly string[]): Promise<PushPlan> {
  const closure = await deps.store.closure(storePaths)
  const absent = await deps.findMissing(closure.map(hashOf))
  const missing = closure.filter((info) => absent.has(hashOf(info)))
  return { missing, present: closure.length - missing.length }
}

function hashOf(info: PathInfo): string {
  return parseBaseName(baseNameOf(info.storePath)).hash
}
