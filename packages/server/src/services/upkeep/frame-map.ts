import type { Recipe, Run } from '@cachix/protocol'

/** Bytes `offset` up to but not including `offset + length` of a pack. */
export type PackRange = Omit<Run, 'pack'>

/** Ranges of packs, and where in a new pack their bytes are. */
export class FrameMap {
  readonly #newPack: string
  /** From left to right in each pack; they do not overlap. */
  readonly #places = new Map<string, Place[]>()

  /** The new pack has these, in this order. */
  constructor(newPack: string, copied: Iterable<Run>) {
    this.#newPack = newPack
    let newOffset = 0
    for (const { pack, offset, length } of copied) {
      this.#placesIn(pack).push({ offset, length, newOffset })
      newOffset += length
    }
  }

  /** Where the range begins in the new pack; undefined unless all of it is there. */
  find({ pack, offset, length }: Run): number | undefined {
    const place = this.#places
      .get(pack)
      ?.find((place) => place.offset <= offset && offset + length <= place.offset + place.length)
    return place && place.newOffset + offset - place.offset
  }

  /** The recipe of the same file with what was copied taken from the new pack. Undefined if it is the same recipe. */
  apply(recipe: Recipe): Recipe | undefined {
    const runs: Run[] = []
    let hasMoved = false
    for (const run of recipe.runs) {
      const newOffset = this.find(run)
      hasMoved ||= newOffset !== undefined
      append(runs, newOffset === undefined ? run : { ...run, pack: this.#newPack, offset: newOffset })
    }
    return hasMoved ? { ...recipe, runs } : undefined
  }

  #placesIn(pack: string): Place[] {
    const places = this.#places.get(pack) ?? []
    this.#places.set(pack, places)
    return places
  }
}

interface Place extends PackRange {
  readonly newOffset: number
}

function append(runs: Run[], run: Run): void {
  const last = runs.at(-1)
  if (last?.pack === run.pack && last.offset + last.length === run.offset) {
    runs[runs.length - 1] = { ...last, length: last.length + run.length }
  } else runs.push(run)
}

/** The bytes that are in any of the ranges, as few ranges from left to right. */
export function mergeRanges(ranges: readonly PackRange[]): PackRange[] {
  const merged: PackRange[] = []
  for (const range of ranges.toSorted((a, b) => a.offset - b.offset)) {
    const last = merged.at(-1)
    const end = range.offset + range.length
    if (last && range.offset <= last.offset + last.length) {
      merged[merged.length - 1] = { ...last, length: Math.max(last.length, end - last.offset) }
    } else merged.push({ offset: range.offset, length: range.length })
  }
  return merged
}
