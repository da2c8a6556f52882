import type { PackRecord, StoredChunk } from './cache-database.ts'

/**
 * What collection, compaction and checks need of the database, as a part of `CacheDatabase`, whose contract holds here too.
 *
 * A pack goes in steps, so that neither a push that counts on it nor one that sends it again can lose anything:
 * - `noteUnneeded`: no NAR needs it. From now on the time counts; it stops when a NAR does, or somebody is told about it.
 * - `retire`, a grace period later: nobody finds it any more. Whoever sends it again before the next step gets it back.
 * - `remove`: its file and all that is known about it.
 */
export interface UpkeepTable {
  /** In the order of their names. */
  packs(page: Page): Promise<readonly KnownPack[]>
  /** Those of the names under which no pack is recorded. */
  unrecorded(names: readonly string[]): Promise<readonly string[]>
  /** Records packs that were found without a record, as unneeded and not sound. Those that are recorded by now stay. */
  adopt(packs: readonly PackRecord[]): Promise<void>
  noteUnneeded(names: readonly string[]): Promise<void>
  /** Retires packs that have been unneeded since a time or longer. Gives the names of all that are retired, at most `limit`. */
  retire(limit: number, since: number): Promise<readonly string[]>
  /**
   * Forgets a retired pack if it is still unneeded since a time or longer; `erase`, which deletes its file, runs while no one can
   * record it again. Gives whether it did. If `erase` throws, everything stays as it was.
   */
  remove(name: string, since: number, erase: () => Promise<void>): Promise<boolean>
  /** Forgets paths that have waited since a time or longer for what they refer to. Gives how many. */
  dropWaiting(since: number): Promise<number>
  /** Forgets NARs that no path has, not even one that waits, at most `limit`. Gives how many. */
  dropNars(limit: number): Promise<number>

  /** In the order of their offsets. */
  chunksIn(pack: string): Promise<readonly StoredChunk[]>
  narsIn(pack: string): Promise<readonly KnownNar[]>
  /** In the order of their file hashes. */
  nars(page: Page): Promise<readonly KnownNar[]>
  /** Records a pack to which frames were copied, and has NARs and chunks use it. */
  move(move: Move): Promise<void>
  /** A NAR whose recipe is not right: nothing serves it until it is published again. False if it is another by now. */
  withdraw(nar: Pick<KnownNar, 'fileHash' | 'recipe'>): Promise<boolean>

  /** What to push again. By cache and store hash. */
  damagedPaths(): Promise<readonly DamagedPath[]>
  usage(): Promise<Usage>
}

/** At most `limit` of what comes after `after`; everything comes after ''. */
export interface Page {
  readonly after: string
  readonly limit: number
}

export interface KnownPack extends PackRecord {
  readonly isSound: boolean
  /** By a NAR. */
  readonly isNeeded: boolean
  readonly createdAt: number
}

export interface KnownNar {
  readonly fileHash: string
  readonly fileSize: number
  readonly narHash: string
  readonly narSize: number
  readonly recipe: Uint8Array
  readonly isDamaged: boolean
}

export interface Move {
  /** Durable. */
  readonly pack: PackRecord
  /** Those whose recipe is not what it was stay as they are. */
  readonly nars: readonly MovedNar[]
  /** Those that are not where they were stay as they are. */
  readonly chunks: readonly MovedChunk[]
}

export interface MovedNar {
  readonly fileHash: string
  readonly oldRecipe: Uint8Array
  readonly newRecipe: Uint8Array
  /** Names of the packs that the new recipe uses. */
  readonly packs: readonly string[]
}

export interface MovedChunk extends Pick<StoredChunk, 'name' | 'pack' | 'offset'> {
  readonly newOffset: number
}

export interface DamagedPath {
  readonly cacheName: string
  /** Full. */
  readonly storePath: string
}

/** Sums of bytes. */
export interface Usage {
  /** By name. */
  readonly caches: readonly CacheUsage[]
  readonly packs: number
  readonly packBytes: number
  /** Of those that collection will take, unless somebody is told about them. */
  readonly unneededBytes: number
  readonly databaseBytes: number
}

export interface CacheUsage {
  readonly name: string
  readonly paths: number
  /** NARs, uncompressed. */
  readonly narBytes: number
  /** NARs as they are served. */
  readonly fileBytes: number
  /** Frames it holds, whoever else does too. */
  readonly heldBytes: number
}
