// What a NAR may hold. Patched clients refuse anything beyond these, so nothing beyond them may enter a cache.

import { FormatError } from '../format-error.ts'

/** Of a node; the root has depth 0. */
export const maxDepth = 63
export const maxNameBytes = 255
export const maxTargetBytes = 4095

/** Throws `FormatError` unless a directory entry may have this name. */
export function checkName(name: Uint8Array): void {
  if (name.length === 0 || name.length > maxNameBytes) {
    throw new FormatError('nar', `A file name has 1 to ${maxNameBytes} bytes, not ${name.length}.`)
  }
  const isDots = name.length <= 2 && name.every((byte) => byte === dot)
  if (isDots || name.includes(slash) || name.includes(0)) {
    throw new FormatError('nar', 'A file name cannot be "." or ".." or hold "/" or a zero byte.')
  }
}

/** Throws `FormatError` unless a symbolic link may point there. Absolute targets and `..` are fine: never follow them. */
export function checkTarget(target: Uint8Array): void {
  if (target.length === 0 || target.length > maxTargetBytes || target.includes(0)) {
    throw new FormatError(
      'nar',
      `The target of a symbolic link has 1 to ${maxTargetBytes} bytes, none of them zero.`,
    )
  }
}

export function checkDepth(depth: number): void {
  if (depth > maxDepth) throw new FormatError('nar', `Directories are nested more than ${maxDepth} deep.`)
}

/** Less than, equal to or greater than 0: the order of entries in a directory. */
export function compareNames(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

const dot = 0x2e
const slash = 0x2f
