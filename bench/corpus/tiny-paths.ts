import { writeFileSync } from 'node:fs'
import { SeededRandom } from './seeded-random.ts'
import { type StoreObject, corpusStorePath } from './store-object.ts'

const fanOut = 10
const words =
  'enable service config module option package default true false path system unit after wants'.split(' ')

/**
 * Writes `count` store paths of one small text file each, like the units and settings of a system: a tree in which each
 * names the next ten. The first object is the root. Other seeds give other settings.
 */
export function writeTinyPaths(prefix: string, count: number, seed = 2): StoreObject[] {
  const random = new SeededRandom(seed)
  const paths = Array.from({ length: count }, (_, index) => corpusStorePath(`bench-${prefix}-${index}.conf`))
  return paths.map((storePath, index) => {
    const references = paths.slice(index * fanOut + 1, (index + 1) * fanOut + 1)
    writeFileSync(storePath, [...settings(random), ...references.map((path) => `include ${path}\n`)].join(''))
    return { storePath, references }
  })
}

function settings(random: SeededRandom): string[] {
  return Array.from({ length: 5 + random.below(40) }, () => {
    const word = words[random.below(words.length)]
    return `${word}.${words[random.below(words.length)]} = ${random.below(1_000_000)}\n`
  })
}
