import { dumpNar } from '../nix/dump-nar.ts'
import type { PathInfo, StoreReader } from '../nix/store-reader.ts'
import { checkNar } from './check-nar.ts'

/** Where the NARs of a push come from. */
export interface NarSource {
  /**
   * The NAR of a path in blocks, each valid until the next is asked for. It is checked: in place of its end it throws when
   * it is not the one that `info` tells of. Throws CliError.
   */
  read(info: PathInfo): AsyncIterable<Uint8Array>
  /** Whether the path is no longer there, which explains that it could not be read. */
  isGone(storePath: string): Promise<boolean>
  /** Other threads can read the same with `readChecked`. */
  readonly isLocalStore?: boolean
}

/** The files of the local Nix store. */
export function localNars(store: StoreReader): NarSource {
  return {
    isLocalStore: true,
    read: readChecked,
    isGone: async (storePath) => !(await store.validPaths([storePath])).has(storePath),
  }
}

/** `NarSource.read` of the local Nix store. */
export function readChecked(info: PathInfo): AsyncIterable<Uint8Array> {
  const nar = dumpNar(info.storePath, { blockSize: Math.min(blockSize, info.narSize || blockSize) })
  return checkNar(nar, info)
}

/** In bytes: large enough to keep trips to the disk few, small enough to stay in the processor's cache. */
const blockSize = 256 * 1024
