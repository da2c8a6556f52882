import { parseStorePath } from '@cachix/protocol'
import { againstWhole } from '../chunks/against-whole.ts'
import { ChunkStore } from '../chunks/chunk-store.ts'
import { findDifferences } from '../chunks/find-differences.ts'
import { narOf, wholeSize } from '../chunks/stored-nar.ts'
import { type Build, buildClosure, type BuiltClosure } from '../corpus/rebuild.ts'
import type { Figure } from '../figure.ts'
import { sum } from '../measure/sum.ts'

/**
 * What two builds of real packages take, of which the second differs in its store hashes: as whole NARs, as chunks, and
 * as chunks from which the store hashes have been taken out. Counted without server or client.
 */
export async function cut(): Promise<Figure[]> {
  const packages = editions({ part: 'environment' })
  const manuals = editions({ part: 'manuals' })
  const withIds = editions({ buildIds: true })
  const sample = namesOf(withIds[0])
  report('Packages', packages)
  report('Compressed manual pages', manuals)
  report('Packages with build-ids', withIds)

  const all = await measure(packages)
  const farm = await measure(only(packages, environment))
  const pages = await measure(manuals)
  const without = await measure(only(packages, sample))
  const ids = await measure(only(withIds, sample))
  return [
    againstWhole('packages as chunks', chunks(all.first), { atMost: 1.08 }),
    againstWhole('packages as chunks, store hashes left in', plain(all.first)),
    againstWhole('tree of links as chunks', chunks(farm.first), { atMost: 1.5 }),
    againstWhole('packages rebuilt, new chunks', chunks(all.second), { atMost: 0.01 }),
    againstWhole('packages rebuilt, new chunks, store hashes left in', plain(all.second)),
    againstWhole('compressed manual pages rebuilt, new chunks', chunks(pages.second)),
    againstWhole('some packages rebuilt, new chunks', chunks(without.second)),
    againstWhole('the same with build-ids, new chunks', chunks(ids.second)),
  ]
}

function editions(build: Omit<Build, 'edition'>): Builds {
  return [buildClosure({ ...build, edition: '1' }), buildClosure({ ...build, edition: '2' })]
}

/** Bytes. */
interface Sizes {
  readonly whole: number
  readonly plain: number
  readonly chunks: number
}

function chunks({ chunks, whole }: Sizes): { bytes: number; whole: number } {
  return { bytes: chunks, whole }
}

function plain({ plain, whole }: Sizes): { bytes: number; whole: number } {
  return { bytes: plain, whole }
}

type Builds = readonly [BuiltClosure, BuiltClosure]

const environment = new Set(['environment'])

async function measure([first, second]: Builds): Promise<{ first: Sizes; second: Sizes }> {
  const stores = { plain: new ChunkStore(), chunks: new ChunkStore() }
  return { first: await sizesOf(first, stores), second: await sizesOf(second, stores) }
}

async function sizesOf(
  { objects }: BuiltClosure,
  stores: { plain: ChunkStore; chunks: ChunkStore },
): Promise<Sizes> {
  const nars = objects.map((object) => narOf(object))
  return {
    whole: await sum(nars, wholeSize),
    plain: await sum(nars, ({ path }) => stores.plain.add({ path, storeHashes: [] })),
    chunks: await sum(nars, (nar) => stores.chunks.add(nar)),
  }
}

function namesOf({ objects }: BuiltClosure): Set<string> {
  const names = objects.map(({ storePath }) => parseStorePath(storePath).name)
  return new Set(names).difference(environment)
}

function only(builds: Builds, names: ReadonlySet<string>): Builds {
  const [first, second] = builds.map(({ root, objects }) => {
    return { root, objects: objects.filter(({ storePath }) => names.has(parseStorePath(storePath).name)) }
  })
  return [first!, second!]
}

/** What two builds differ in that is no store hash, by kind. */
function report(what: string, [first, second]: Builds): void {
  const kinds = Map.groupBy(findDifferences(first, second), ({ kind }) => kind)
  console.log(`\n${what}: files that differ in more than store hashes${kinds.size === 0 ? ': none' : ''}`)
  for (const [kind, differences] of kinds) {
    const sizes = differences.toSorted((a, b) => b.bytes - a.bytes)
    console.log(`  ${kind}, ${sizes.length} files:`)
    for (const { file, bytes } of sizes.slice(0, 8)) console.log(`    ${file} (${bytes} bytes)`)
    if (sizes.length > 8) console.log(`    …`)
  }
}
