import { baseNameOf, parseBaseName } from '@cachix/protocol'
import type { PathInfo } from '../nix/store-reader.ts'
import type { PathOutcome } from '../push/path-outcome.ts'
import { dependencyNotPushed } from '../push/skip-path.ts'

export interface FeasiblePaths {
  /** Dependencies first. */
  readonly feasible: readonly PathInfo[]
  readonly skipped: readonly PathOutcome[]
}

/**
 * The paths, given dependencies first, without those that need one of these store hashes, however far down: to send them
 * would be in vain.
 */
export function withoutCutOff(infos: readonly PathInfo[], lost: Iterable<string>): FeasiblePaths {
  const unreachable = new Set(lost)
  const feasible: PathInfo[] = []
  const skipped: PathOutcome[] = []
  for (const info of infos) {
    if (info.references.some((name) => unreachable.has(hashOf(name)))) {
      unreachable.add(hashOf(baseNameOf(info.storePath)))
      skipped.push({ status: 'skipped', info, reason: dependencyNotPushed })
    } else {
      feasible.push(info)
    }
  }
  return { feasible, skipped }
}

function hashOf(baseName: string): string {
  return parseBaseName(baseName).hash
}
