// What the main thread and a cutting thread tell each other. One path is cut at a time; chunks are numbered through.

import type { NarDumpFailure } from '../../nix/nar-dump-error.ts'
import type { PathInfo } from '../../nix/store-reader.ts'
import type { PackedFrame } from './pack-chunk.ts'

export type Order =
  /** Cut this one. */
  | { readonly what: 'cut'; readonly info: PathInfo }
  /** Go no further with it. */
  | { readonly what: 'stop' }
  | { readonly what: 'pack'; readonly chunk: number; readonly level: number }
  | { readonly what: 'drop'; readonly chunk: number }
  /** The memory of a frame that is not needed any more. */
  | { readonly what: 'reuse'; readonly memory: ArrayBuffer }

export type Report =
  | {
      readonly what: 'chunk'
      readonly chunk: number
      readonly name: string
      readonly size: number
      readonly hashes: readonly string[]
    }
  /** There are no more chunks of the path. */
  | { readonly what: 'end'; readonly failure?: Failure | undefined }
  | { readonly what: 'packed'; readonly chunk: number; readonly frame: PackedFrame }
  | { readonly what: 'not-packed'; readonly chunk: number; readonly message: string }

/** Errors lose their class on the way between threads. */
export type Failure =
  | { readonly kind: 'damaged'; readonly difference: string }
  | { readonly kind: 'dump'; readonly reason: NarDumpFailure; readonly message: string }
  | { readonly kind: 'other'; readonly message: string }
