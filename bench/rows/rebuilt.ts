import { closurePart, rebuiltClosurePart } from '../corpus/corpus.ts'
import { buildClosure } from '../corpus/rebuild.ts'
import type { Figure } from '../figure.ts'
import type { RowOptions } from '../row.ts'
import { serveClosure } from '../servers/served-closure.ts'
import { compareFirstPass, compareNarPass } from './compare-nar-pass.ts'

/**
 * One pass over NARs where a build and its rebuild are on the server: over those that were there first and lie in files
 * as they are, and over those that are made of the first ones' frames with other store hashes laid over them. Once for
 * the closure, once for real packages, of which nearly every file has store hashes in it. What a server does only for the
 * first reader after its start shows in the first pass.
 */
export async function rebuilt({ rounds }: RowOptions): Promise<Figure[]> {
  const packages = [buildClosure({ edition: '1' }), buildClosure({ edition: '2' })].map(
    ({ root, objects }) => {
      return { root, paths: objects.map(({ storePath }) => storePath) }
    },
  )
  return [
    ...(await compareEditions('a closure', [closurePart(), rebuiltClosurePart()], { rounds, passes: 5 })),
    // These are some megabytes together.
    ...(await compareEditions('packages', packages, { rounds, passes: 100 })),
  ]
}

interface Edition {
  readonly root: string
  readonly paths: readonly string[]
}

async function compareEditions(
  what: string,
  editions: readonly Edition[],
  effort: { rounds: number; passes: number },
): Promise<Figure[]> {
  const roots = editions.map(({ root }) => root)
  const [first, second] = editions
  return [
    ...(await pass(first!, { what: `untouched NARs of ${what}`, bar: { atMost: 1.25 } })),
    ...(await pass(second!, { what: `rebuilt NARs of ${what}`, bar: { atMost: 1.5 } })),
  ]

  async function pass({ paths }: Edition, how: { what: string; bar: { atMost: number } }): Promise<Figure[]> {
    await using served = await serveClosure({ roots, paths })
    const later = await compareNarPass(served, { ...how, ...effort })
    return [...later, ...(await compareFirstPass(served, { ...how, ...effort }))]
  }
}
