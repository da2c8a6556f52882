import { type CutSizes, cutSizes } from '@cachix/protocol'
import { againstWhole } from '../chunks/against-whole.ts'
import { ChunkStore } from '../chunks/chunk-store.ts'
import { narOf, type NarSource, wholeSize } from '../chunks/stored-nar.ts'
import { npmReleases } from '../corpus/npm-packages.ts'
import { buildClosure } from '../corpus/rebuild.ts'
import type { Figure } from '../figure.ts'
import { sum } from '../measure/sum.ts'

const kibibyte = 1024

/** What chunks of several sizes cost when things are new, and what they save of the next releases of npm packages. */
export async function sizes(): Promise<Figure[]> {
  const packages = buildClosure({ edition: '1' }).objects.map((object) => narOf(object))
  const [releases, ...next] = npmReleases().map((paths) => paths.map((path) => ({ path, storeHashes: [] })))
  return [
    ...(await compareSizes('packages', [packages])),
    ...(await compareSizes('npm packages', [releases!])),
    ...(await compareSizes('npm packages, next two releases', [releases!, next.flat()])),
  ]
}

/** Keeps some NARs after others, and counts the last. */
async function compareSizes(what: string, groups: readonly NarSource[][]): Promise<Figure[]> {
  const whole = await sum(groups.at(-1)!, wholeSize)
  const figures: Figure[] = []
  for (const average of [64, 128, 256, 512, 1024, 2048]) {
    const store = new ChunkStore(scaled((average * kibibyte) / cutSizes.average))
    let bytes = 0
    for (const nars of groups) bytes = await sum(nars, (nar) => store.add(nar))
    figures.push(againstWhole(`${what}, ${average} KiB chunks`, { bytes, whole }))
  }
  return figures
}

function scaled(factor: number): CutSizes {
  const { min, average, max } = cutSizes
  return { min: min * factor, average: average * factor, max: max * factor }
}
