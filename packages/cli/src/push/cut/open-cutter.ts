import { availableParallelism } from 'node:os'
import type { PathInfo } from '../../nix/store-reader.ts'
import type { NarSource } from '../nar-source.ts'
import { cutHere } from './cut-here.ts'
import { CuttingThreads } from './cutting-threads.ts'
import type { Cutter } from './offered-chunk.ts'

/** Bytes of NARs: for less a thread is not worth the start. */
const worthThreads = 64 * 1024 ** 2
/** Each takes some tens of megabytes of memory. */
const maxThreads = 4

export interface OpenCutter extends AsyncDisposable {
  readonly cut: Cutter
}

/** Cuts paths, in threads if these can read them and there is much to cut. `jobs`: paths at the same time. */
export function openCutter(source: NarSource, paths: readonly PathInfo[], jobs: number): OpenCutter {
  const bytes = paths.reduce((sum, { narSize }) => sum + narSize, 0)
  if (source.isLocalStore !== true || bytes < worthThreads)
    return { cut: cutHere(source), async [Symbol.asyncDispose]() {} }
  const threads = new CuttingThreads(Math.min(jobs, availableParallelism(), maxThreads))
  return {
    cut: (info) => threads.cut(info),
    [Symbol.asyncDispose]: () => threads[Symbol.asyncDispose](),
  }
}
