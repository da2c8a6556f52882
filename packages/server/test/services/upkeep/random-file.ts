import { randomBytes } from 'node:crypto'

import { cutPath } from '../sample-push.ts'
import type { CutPath } from '../sample-push.ts'

/** A path, its hash the character many times, that shares nothing with any other and does not compress. */
export function randomFile(character: string, size: number): CutPath {
  return cutPath(`${character.repeat(32)}-random`, [], { type: 'regular', contents: randomBytes(size) })
}
