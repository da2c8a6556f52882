import { setImmediate as nextTurn } from 'node:timers/promises'
import type { NarSource } from '../nar-source.ts'
import { cutPath } from './cut-path.ts'
import { offerChunk, type Cutter } from './offered-chunk.ts'

/** Milliseconds: a turn for each of thousands of tiny paths would take as long as cutting them. */
const longestTurn = 4

/** Cuts in this thread, which between two paths sees to what has come in meanwhile: most are read without a pause. */
export function cutHere(source: NarSource): Cutter {
  let turnBegan = performance.now()
  return async function* (info) {
    if (performance.now() - turnBegan >= longestTurn) {
      await nextTurn()
      turnBegan = performance.now()
    }
    for await (const chunk of cutPath(info, source.read(info))) yield offerChunk(chunk)
  }
}
