import type { MachineFile } from './machine-files.ts'
import type { SeededRandom } from './seeded-random.ts'

/**
 * Deals files out to `count` store paths of together about `totalSize` bytes. Sizes follow a log-normal distribution,
 * as the paths of real closures do: many of some kilobytes, a few of a hundred megabytes.
 */
export function dealFiles(
  files: MachineFile[],
  shape: { count: number; totalSize: number; random: SeededRandom },
): MachineFile[][] {
  let rest = files
  const paths = budgets(shape).map((budget) => {
    const dealt = takeUpTo(rest, budget)
    rest = dealt.rest
    return dealt.taken
  })
  return shuffle(paths, shape.random)
}

/** Bytes per path, largest first, so that big files find a place. */
function budgets({
  count,
  totalSize,
  random,
}: {
  count: number
  totalSize: number
  random: SeededRandom
}): number[] {
  const weights = Array.from({ length: count }, () => Math.exp(2 * random.normal()))
  const sum = weights.reduce((total, weight) => total + weight)
  return weights.map((weight) => (weight / sum) * totalSize).sort((a, b) => b - a)
}

function takeUpTo(files: MachineFile[], budget: number): { taken: MachineFile[]; rest: MachineFile[] } {
  const taken: MachineFile[] = []
  const skipped: MachineFile[] = []
  let room = budget
  let next = 0
  for (; next < files.length && room > budget / 50; next++) {
    const file = files[next]!
    if (file.size <= room) {
      taken.push(file)
      room -= file.size
    } else {
      skipped.push(file)
    }
  }
  return { taken, rest: [...skipped, ...files.slice(next)] }
}

function shuffle<Item>(items: Item[], random: SeededRandom): Item[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.below(last + 1)
    ;[items[last], items[other]] = [items[other]!, items[last]!]
  }
  return items
}
