import { readSync } from 'node:fs'

/** Fills `target` with what an open file has from byte `position` on. Gives what was read: less where the file ends too early. */
export function readAt(file: number, target: Uint8Array, position: number): Uint8Array {
  let read = 0
  for (let more = -1; more !== 0 && read < target.length; read += more) {
    more = readSync(file, target, read, target.length - read, position + read)
  }
  return target.subarray(0, read)
}
