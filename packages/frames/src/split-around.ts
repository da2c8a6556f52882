import { holeBytes } from '@cachix/protocol'
import type { Pattern } from '@cachix/protocol'

/** The content in parts, of which each hole is one; none is empty. */
export function splitAround(content: Uint8Array, holes: Pattern): Uint8Array[] {
  const borders = [0, ...holes.flatMap(({ offset }) => [offset, offset + holeBytes]), content.length]
  return borders
    .map((border, i) => content.subarray(border, borders[i + 1]))
    .filter((part) => part.length > 0)
}
