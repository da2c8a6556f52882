import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { CacheError } from './cache-error.ts'
import type { ServerConfig } from './config.ts'
import { openDatabase, openWorkers } from './open-parts.ts'
import type { Resealed } from './database/signing-key-table.ts'
import { backUp } from './services/upkeep/back-up.ts'
import type { BackedUp } from './services/upkeep/back-up.ts'
import { checkStore } from './services/upkeep/check-store.ts'
import type { StoreReport } from './services/upkeep/check-store.ts'
import { collectPacks } from './services/upkeep/collect-packs.ts'
import type { Collected } from './services/upkeep/collect-packs.ts'
import { compactPacks, leastUse } from './services/upkeep/compact-packs.ts'
import type { Compacted } from './services/upkeep/compact-packs.ts'
import { dropExpiredTokens } from './services/upkeep/drop-expired-tokens.ts'
import { expireUploads } from './services/upkeep/expire-uploads.ts'
import type { Expired } from './services/upkeep/expire-uploads.ts'
import { measureUsage } from './services/upkeep/measure-usage.ts'
import type { StoreUsage } from './services/upkeep/measure-usage.ts'
import { rekey } from './services/service-seal.ts'
import { claimDirectory } from './storage/claim-directory.ts'
import { joinDiskPackStore } from './storage/disk-pack-store.ts'
import { openDiskPartStore } from './storage/disk-part-store.ts'

/** Looks after the data of a service from outside, whether it is running or not. */
export interface Upkeep extends AsyncDisposable {
  collect(): Promise<Collected & Expired>
  compact(): Promise<Compacted>
  check(options: { readonly thorough: boolean; readonly repair: boolean }): Promise<StoreReport>
  measure(): Promise<StoreUsage>
  /** Into a directory, which is made if it is missing. */
  backUp(directory: string): Promise<BackedUp>
  /**
   * Seals all secrets with the key in this file instead; those that no key opens are dropped if that is wished. Throws
   * `unavailable` while a server is running.
   */
  rekey(to: string, options: { readonly dropLost: boolean }): Promise<Resealed>
}

/** The signal ends whatever is under way. Throws `not-found` if there is no data, `unavailable` if it cannot be opened. */
export async function openUpkeep(config: ServerConfig, signal: AbortSignal): Promise<Upkeep> {
  await requireData(config)
  await using resources = new AsyncDisposableStack()
  const database = await openDatabase(config)
  resources.defer(() => database.close())
  const workers = openWorkers(config)
  resources.defer(() => workers.close())
  const packs = await joinDiskPackStore(config.packs)
  const deps = { database, packs, workers }
  const { graceMs } = config.upkeep
  // Much of the work waits for nothing: without this, nothing else in this process would ever come to pass.
  const pace = { graceMs, leastUse, signal, rest: () => nextTurn() }
  const owned = resources.move()
  return {
    async collect() {
      await dropExpiredTokens(deps)
      const expired = await expireUploads({ database, parts: await openDiskPartStore(config.packs) }, pace)
      return { ...(await collectPacks(deps, pace)), ...expired }
    },
    compact: () => compactPacks(deps, pace),
    check: (options) => checkStore(deps, { ...pace, ...options }),
    measure: () => measureUsage(deps),
    async backUp(directory) {
      const target = await joinDiskPackStore(directory)
      return backUp({ ...deps, target, serviceKey: config.serviceKey }, { directory, signal })
    },
    async rekey(to, { dropLost }) {
      const claim = await claimDirectory(config.packs)
      try {
        return await rekey(database.keys, { from: config.serviceKey, to, dropLost })
      } finally {
        claim.release()
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** So that a mistyped directory does not become a service without anything in it. */
async function requireData({ database, packs }: ServerConfig): Promise<void> {
  const witness = database.kind === 'sqlite' ? database.path : join(packs, 'packs')
  try {
    await access(witness)
  } catch (cause) {
    const message = `There is no data of a service in ${packs}. Say where it is with --data DIR.`
    throw new CacheError('not-found', message, { cause })
  }
}
