import { createHash } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import { encodeNix32, maxFrameContent, sha256FromHex, writeNar, type NarNode } from '@cachix/protocol'

/** A store path that was never in a store: made up for tests that need many, quickly. */
export interface MadePath {
  readonly storeHash: string
  readonly name: string
  readonly nar: Buffer
  /** The NAR compressed as pushing clients do. */
  readonly file: Buffer
  /** The body of the request that publishes it. */
  readonly narInfo: Readonly<Record<string, unknown>>
}

/** The store hash is made from the name, so names must differ. `references` are base names. */
export function makePath(name: string, tree: NarNode, references: readonly string[] = []): MadePath {
  const storeHash = encodeNix32(createHash('sha256').update(name).digest().subarray(0, 20))
  const nar = Buffer.concat([...writeNar(tree)])
  const file = compressNar(nar)
  const narInfo = {
    cStoreHash: storeHash,
    cStoreSuffix: name,
    cNarHash: sha256FromHex(sha256(nar)),
    cNarSize: nar.length,
    cFileHash: sha256(file),
    cFileSize: file.length,
    cReferences: references,
    cDeriver: 'unknown-deriver',
    cSig: null,
  }
  return { storeHash, name, nar, file, narInfo }
}

export function compressNar(nar: Buffer): Buffer {
  const frames: Buffer[] = []
  for (let start = 0; start < nar.length; start += maxFrameContent) {
    frames.push(zstdCompressSync(nar.subarray(start, start + maxFrameContent)))
  }
  return Buffer.concat(frames)
}

/** Lower-case hex. */
export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
