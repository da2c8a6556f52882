import { randomBytes } from 'node:crypto'

import { sha256 } from '../sample-nar.ts'
import { cutPath } from '../sample-push.ts'
import type { CutPath } from '../sample-push.ts'

/** A path that shares nothing with any other and does not compress; its store hash is its own. */
export function randomFile(label: string, size: number): CutPath {
  const hash = sha256(Buffer.from(label)).slice(0, 32).replaceAll('e', 'z')
  return cutPath(`${hash}-${label}`, [], { type: 'regular', contents: randomBytes(size) })
}
