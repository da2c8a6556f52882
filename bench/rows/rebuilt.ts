import { buildClosure, type BuiltClosure } from '../corpus/rebuild.ts'
import type { Bar, Figure } from '../figure.ts'
import type { RowOptions } from '../row.ts'
import { serveClosure } from '../servers/served-closure.ts'
import { compareNarPass } from './compare-nar-pass.ts'

// The NARs of the packages are some megabytes together.
const passes = 100

/**
 * One pass over NARs where a build and its rebuild are on the server: over those that were there first and lie in files
 * as they are, and over those that are made of the first ones' frames with other store hashes laid over them.
 */
export async function rebuilt({ rounds }: RowOptions): Promise<Figure[]> {
  const builds = [buildClosure({ edition: '1' }), buildClosure({ edition: '2' })]
  const roots = builds.map(({ root }) => root)
  const [first, second] = builds
  return [
    ...(await pass(first!, { what: 'untouched NARs', bar: { atMost: 1.25 } })),
    ...(await pass(second!, { what: 'rebuilt NARs', bar: { atMost: 1.5 } })),
  ]

  async function pass({ objects }: BuiltClosure, what: { what: string; bar: Bar }): Promise<Figure[]> {
    await using served = await serveClosure({ roots, paths: objects.map(({ storePath }) => storePath) })
    return await compareNarPass(served, { ...what, rounds, passes })
  }
}
