// The text at `nix-cache-info`, read as Nix's libstore/binary-cache-store.cc reads it.

import { FormatError } from './format-error.ts'
import { defaultStoreDir } from './store-path.ts'

export interface CacheInfo {
  readonly storeDir: string
  /** Whether clients may ask about many paths at once. */
  readonly wantMassQuery: boolean
  /** The lowest is asked first; cache.nixos.org has 40. */
  readonly priority: number
}

/** Lines without a colon and unknown keys are skipped. What is missing is what it is for a client: priority 0. */
export function parseCacheInfo(text: string): CacheInfo {
  const fields = new Map(
    text
      .split('\n')
      .filter((line) => line.includes(':'))
      .map(splitLine),
  )
  return {
    storeDir: fields.get('StoreDir') ?? defaultStoreDir,
    wantMassQuery: fields.get('WantMassQuery') === '1',
    priority: parsePriority(fields.get('Priority') ?? '0'),
  }
}

export function renderCacheInfo(info: CacheInfo): string {
  return `StoreDir: ${info.storeDir}\nWantMassQuery: ${info.wantMassQuery ? 1 : 0}\nPriority: ${info.priority}\n`
}

function splitLine(line: string): [name: string, value: string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}

/** Clients read it with `std::stoi`, which stops at the first character that is no digit. */
function parsePriority(text: string): number {
  const priority = Number.parseInt(text, 10)
  if (!Number.isSafeInteger(priority))
    throw new FormatError('cache-info', 'The Priority of this cache is not a number.')
  return priority
}
