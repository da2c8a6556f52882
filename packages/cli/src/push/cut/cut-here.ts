import { setImmediate as nextTurn } from 'node:timers/promises'
import type { NarSource } from '../nar-source.ts'
import { cutPath } from './cut-path.ts'
import { offerChunk, type Cutter } from './offered-chunk.ts'

/** Cuts in this thread, which between two paths sees to what has come in meanwhile: most are read without a pause. */
export function cutHere(source: NarSource): Cutter {
  return async function* (info) {
    await nextTurn()
    for await (const chunk of cutPath(info, source.read(info))) yield offerChunk(chunk)
  }
}
