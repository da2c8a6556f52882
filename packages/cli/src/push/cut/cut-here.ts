import type { NarSource } from '../nar-source.ts'
import { cutPath } from './cut-path.ts'
import { offerChunk, type Cutter } from './offered-chunk.ts'

/** Cuts in this thread. */
export function cutHere(source: NarSource): Cutter {
  return async function* (info) {
    for await (const chunk of cutPath(info, source.read(info))) yield offerChunk(chunk)
  }
}
