import { closurePart } from '../corpus/corpus.ts'
import type { Figure } from '../figure.ts'
import type { RowOptions } from '../row.ts'
import { serveClosure } from '../servers/served-closure.ts'
import { compareNarPass } from './compare-nar-pass.ts'

/** One pass over all NARs of the closure, and the processor time that serving them takes, against nginx. */
export async function nars({ rounds }: RowOptions): Promise<Figure[]> {
  const { root, paths } = closurePart()
  await using served = await serveClosure({ roots: [root], paths })
  return await compareNarPass(served, { what: 'NARs of a closure', bar: { atMost: 1.25 }, rounds, passes: 5 })
}
