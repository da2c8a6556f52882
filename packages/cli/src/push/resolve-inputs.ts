import { lstat } from 'node:fs/promises'
import { findStorePath } from '../nix/find-store-path.ts'
import type { StoreReader } from '../nix/store-reader.ts'

export interface ResolvedInputs {
  /** Full, each once; safe from Nix's collector where the store offers that. */
  readonly storePaths: readonly string[]
  readonly rejected: readonly RejectedInput[]
}

interface RejectedInput {
  readonly input: string
  /** Continues "it was skipped because it …". */
  readonly reason: string
}

/** Finds the valid store path of every file, link or store path given. */
export async function resolveInputs(inputs: readonly string[], store: StoreReader): Promise<ResolvedInputs> {
  const found = await Promise.all(
    inputs.map(async (input) => ({ input, storePath: await findStorePath(input, store.storeDir) })),
  )
  const candidates = [
    ...new Set(found.map(({ storePath }) => storePath).filter((path) => path !== undefined)),
  ]
  // Protected before they are checked: what is valid then stays so.
  await store.protect(candidates)
  const valid = await store.validPaths(candidates)
  const rejected = found.filter(({ storePath }) => storePath === undefined || !valid.has(storePath))
  return {
    storePaths: candidates.filter((path) => valid.has(path)),
    rejected: await Promise.all(rejected.map((each) => reject(each.input, each.storePath))),
  }
}

async function reject(input: string, storePath: string | undefined): Promise<RejectedInput> {
  if (storePath !== undefined) return { input, reason: 'is not a valid store path' }
  return { input, reason: (await exists(input)) ? 'is not in the Nix store' : 'does not exist' }
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  )
}
