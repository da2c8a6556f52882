import { createHash } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'

import type { NarInfoCreate } from '@cachix/api'
import { maxFrameContent, sha256FromHex, writeNar } from '@cachix/protocol'
import type { NarNode } from '@cachix/protocol'

/** A NAR as a client uploads it. */
export interface SampleNar {
  readonly nar: Uint8Array
  /** The NAR as zstd frames. */
  readonly file: Uint8Array
  readonly fileHash: string
  readonly narHash: string
}

export interface SamplePath {
  readonly hash: string
  readonly name: string
  readonly references?: readonly string[]
  /** Base64. */
  readonly signature?: string
}

export function sampleNar(tree: NarNode): SampleNar {
  const nar = Buffer.concat([...writeNar(tree)])
  const file = toFrames(nar)
  return { nar, file, fileHash: sha256(file), narHash: sha256FromHex(sha256(nar)) }
}

export function textFile(text: string): NarNode {
  return { type: 'regular', contents: Buffer.from(text) }
}

export function directory(entries: Record<string, NarNode>): NarNode {
  return { type: 'directory', entries: Object.entries(entries) }
}

export function toFrames(nar: Uint8Array, contentSize: number = maxFrameContent): Uint8Array {
  const frames: Uint8Array[] = []
  for (let at = 0; at < nar.length; at += contentSize) {
    frames.push(zstdCompressSync(nar.subarray(at, at + contentSize)))
  }
  return Buffer.concat(frames)
}

/** What an honest client says of a path and its NAR. */
export function claimsOf(path: SamplePath, { nar, file, fileHash, narHash }: SampleNar): NarInfoCreate {
  return {
    cStoreHash: path.hash,
    cStoreSuffix: path.name,
    cNarHash: narHash,
    cNarSize: nar.length,
    cFileHash: fileHash,
    cFileSize: file.length,
    cReferences: [...(path.references ?? [])],
    cDeriver: 'unknown-deriver',
    cSig: path.signature ?? null,
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
