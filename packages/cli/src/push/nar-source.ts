import { dumpNar } from '../nix/dump-nar.ts'
import type { PathInfo, StoreReader } from '../nix/store-reader.ts'
import { checkNar, checkNarSize } from './check-nar.ts'

/** Where the NARs of a push come from. */
export interface NarSource {
  /**
   * The NAR of a path in blocks, each valid until the next is asked for. In place of its end it throws when it is seen not
   * to be the one that `info` tells of. Throws CliError.
   */
  read(info: PathInfo): AsyncIterable<Uint8Array>
  /** Where `read` leaves the hash to the service, which looks anyway: reads it once more, and throws what is wrong. */
  verify?(info: PathInfo): Promise<void>
  /** Whether the path is no longer there, which explains that it could not be read. */
  isGone(storePath: string): Promise<boolean>
  /** Other threads can read the same with `readLocalNar`. */
  readonly isLocalStore?: boolean
}

/** The files of the local Nix store. */
export function localNars(store: StoreReader): NarSource {
  return {
    isLocalStore: true,
    read: readLocalNar,
    async verify(info) {
      for await (const _ of checkNar(dump(info), info)) continue
    },
    isGone: async (storePath) => !(await store.validPaths([storePath])).has(storePath),
  }
}

/** `NarSource.read` of the local Nix store. */
export function readLocalNar(info: PathInfo): AsyncIterable<Uint8Array> {
  return checkNarSize(dump(info), info)
}

/** In bytes: large enough to keep trips to the disk few, small enough to stay in the processor's cache. */
const blockSize = 256 * 1024

function dump({ storePath, narSize }: PathInfo): AsyncIterable<Uint8Array> {
  return dumpNar(storePath, { blockSize: Math.min(blockSize, narSize || blockSize) })
}
