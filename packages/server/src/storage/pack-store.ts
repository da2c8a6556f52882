/**
 * The port to packs: immutable stored objects named by the SHA-256 of their bytes.
 *
 * Contract, checked by `pack-store.conformance.ts` on every adapter:
 * - A pack is there whole or not at all. Once `put` has resolved it survives power loss.
 * - Packs are written once and never changed. Putting one that is there is a success that changes nothing.
 * - Absence is `undefined`; "could not find out" throws. A full disk throws a `CacheError` with code `disk-full`.
 */
export interface PackStore {
  /** Room for bytes on their way in, on the same disk as the packs where packs are files. */
  createSpool(): Promise<Spool>
  /**
   * Takes over the file of a spool as pack `name`, which the caller has verified to be the lower-case hex SHA-256 of
   * its bytes. The spool is used up.
   */
  put(name: string, spool: Spool): Promise<void>
  open(name: string): Promise<Pack | undefined>
  /** Removes a pack; absent is fine. */
  delete(name: string): Promise<void>
  /** Names of all packs, in no order. */
  list(): AsyncIterable<string>
}

/** A temporary file. `discard` it in a `finally`; after `put` that does nothing. */
export interface Spool {
  readonly path: string
  discard(): Promise<void>
}

export interface Pack {
  /** Bytes. */
  readonly size: number
  /** When its bytes were written, in milliseconds since the epoch. */
  readonly storedAt: number
  /** Another one as soon as somebody has written to the pack, as nobody should. */
  readonly version: string
  /**
   * When anything about the pack was last changed, in nanoseconds since the epoch: unlike the time its bytes were written,
   * nobody can set it back without setting the clock. A hard link made to it counts as well.
   */
  readonly changedAt: string
  /** Where the pack is a plain file on this machine: its path, so that a runtime can use sendfile. */
  readonly path: string | undefined
  /** Bytes `start` up to but not including `end`, in blocks of the caller's own, each read when it is asked for. */
  read(start: number, end: number): AsyncIterable<Uint8Array>
  /** The same of a few bytes at once, the quickest way there is: fewer where the pack ends too early. */
  readFew(start: number, end: number): Promise<Uint8Array>
}
