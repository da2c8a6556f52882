import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const blockSize = 1024 * 1024

/** The bytes of a file, read as they are asked for. A block is valid until the next one. */
export function* readBlocks(path: string): Generator<Uint8Array, void> {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.allocUnsafeSlow(Math.min(fstatSync(file).size, blockSize))
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) {
      yield buffer.subarray(0, read)
    }
  } finally {
    closeSync(file)
  }
}
