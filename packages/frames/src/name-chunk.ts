import { createHash } from 'node:crypto'
import { encodePattern } from '@cachix/protocol'
import type { Chunk } from '@cachix/protocol'

/** Lower-case hex SHA-256 of what a rebuild does not change: the pattern and the bytes with zeros in the holes. */
export function nameChunk({ bytes, pattern }: Pick<Chunk, 'bytes' | 'pattern'>): string {
  return createHash('sha256').update(encodePattern(pattern)).update(bytes).digest('hex')
}
