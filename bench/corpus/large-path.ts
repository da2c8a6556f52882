import { createCipheriv } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { type StoreObject, corpusStorePath, makeStoreDirectory } from './store-object.ts'

const blockSize = 1024 * 1024

/**
 * Writes one store path with a single file of `size` bytes, a multiple of 1 MiB. Every other block does not compress,
 * the others do, and no two are equal.
 */
export function writeLargePath(size: number): StoreObject[] {
  const storePath = corpusStorePath(`bench-large-${size}`)
  const file = openSync(`${makeStoreDirectory(storePath)}/image.raw`, 'w')
  const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16, 2))
  const zeros = Buffer.alloc(blockSize)
  for (let block = 0; block < size / blockSize; block++) {
    const bytes = noise.update(zeros)
    writeSync(file, block % 2 === 0 ? bytes : compressible(bytes))
  }
  closeSync(file)
  return [{ storePath, references: [] }]
}

/** A quarter of the entropy: two of the eight bits of each byte stay. */
function compressible(bytes: Buffer): Buffer {
  for (let index = 0; index < bytes.length; index++) bytes[index] = 97 + (bytes[index]! & 3)
  return bytes
}
