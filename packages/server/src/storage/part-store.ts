import type { Spool } from './pack-store.ts'

/**
 * The port to files that arrive in parts, over many requests.
 *
 * Contract, checked by `part-store.conformance.ts` on every adapter:
 * - A part is there whole or not at all. Once `put` has resolved it survives power loss and a restart.
 * - Ids of files are lower-case letters, digits and hyphens. Nothing else is under the same id.
 * - Absence is `undefined`; "could not find out" throws. A full disk throws a `CacheError` with code `disk-full`.
 */
export interface PartStore {
  /** From now on the file may be given parts. */
  begin(id: string): Promise<void>
  /**
   * Takes over the file of a spool as a part, in place of an older one with its number. False, and the spool is left, if
   * the file was not begun, or is at its end.
   */
  put(part: PartName, spool: Spool): Promise<boolean>
  /** In the order of their numbers. Undefined if the file was not begun, or is at its end. */
  find(id: string): Promise<readonly StoredPart[] | undefined>
  /**
   * Bytes of its parts but the one of this number; undefined if the file was not begun, or is at its end. What it costs does
   * not grow with the number of parts: it is asked for each of them.
   */
  sizeBeside(id: string, number: number): Promise<number | undefined>
  /** Removes the file and its parts; absent is fine. */
  end(id: string): Promise<void>
  /** Of the files that were begun and not ended, in no order. */
  ids(): Promise<readonly string[]>
  /** When the file was begun or last given a part, in milliseconds since the epoch. */
  changedAt(id: string): Promise<number | undefined>
}

export interface PartName {
  readonly id: string
  /** From 1 on. */
  readonly number: number
  /** Lower-case hex MD5 of its bytes. */
  readonly md5: string
}

export interface StoredPart extends Omit<PartName, 'id'> {
  /** Bytes. */
  readonly size: number
  /** The part as a file of this machine. */
  readonly path: string
}
