import type { PathInfo } from '../../nix/store-reader.ts'
import { packChunk, type PackedFrame } from './pack-chunk.ts'
import type { NamedChunk } from './cut-path.ts'

/** A chunk of a NAR that the service may have already, kept in memory wherever it was cut until it is packed or dropped. */
export interface OfferedChunk {
  /** Lower-case hex SHA-256. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** The store hashes that fill its holes. */
  readonly hashes: readonly string[]
  /** Compresses it. `level` is zstd's. */
  pack(level: number): Promise<PackedFrame>
  /** It is not wanted. */
  drop(): void
}

/** Gives the NAR of a store path in chunks, each once there is room for it. Throws CliError. */
export type Cutter = (info: PathInfo) => AsyncIterable<OfferedChunk>

/** A chunk in the memory of this thread. */
export function offerChunk(chunk: NamedChunk): OfferedChunk {
  return {
    name: chunk.name,
    size: chunk.bytes.length,
    hashes: chunk.hashes,
    pack: (level) => packChunk(chunk, { level }),
    drop() {},
  }
}
