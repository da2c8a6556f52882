import { tinyPart } from '../corpus/corpus.ts'
import type { Figure } from '../figure.ts'
import type { RowOptions } from '../row.ts'
import { comparePush } from './compare-push.ts'

/** Pushing many paths with next to nothing in each. */
export async function tiny({ rounds }: RowOptions): Promise<Figure[]> {
  return await comparePush(tinyPart(2000), { what: 'push 2,000 tiny paths', bar: { atMost: 0.3 }, rounds })
}
