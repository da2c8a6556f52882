import { closurePart } from '../corpus/corpus.ts'
import type { Figure } from '../figure.ts'
import type { RowOptions } from '../row.ts'
import { comparePush } from './compare-push.ts'

/** Pushing a closure of about 1 GiB that the server has nothing of. */
export async function push({ rounds }: RowOptions): Promise<Figure[]> {
  return await comparePush(closurePart(), { what: 'push 1 GiB in 400 paths', bar: { atMost: 1 }, rounds })
}
