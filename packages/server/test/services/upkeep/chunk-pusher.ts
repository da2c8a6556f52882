import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { zstdDecompressSync } from 'node:zlib'

import type { PathOutcome } from '@cachix/api'
import { nameChunk } from '@cachix/frames'
import { cutSizes, readFrameLayout } from '@cachix/protocol'

import type { Cache } from '../../../src/database/cache-database.ts'
import { findMissingChunks } from '../../../src/services/find-missing-chunks.ts'
import { publishPaths } from '../../../src/services/publish-paths.ts'
import { receiveBundle } from '../../../src/services/receive-bundle.ts'
import { sha256 } from '../sample-nar.ts'
import { bundle, namesOf, pathCreateOf, sendFrame } from '../sample-push.ts'
import type { CutPath } from '../sample-push.ts'
import type { ServiceStage } from '../service-stage.ts'

const { signal } = new AbortController()

/** Pushes as a client does that cuts, and reads what it pushed. */
export class ChunkPusher {
  readonly stage: ServiceStage
  readonly cache: Cache

  constructor(stage: ServiceStage, cache: Cache) {
    this.stage = stage
    this.cache = cache
  }

  async push(...paths: CutPath[]): Promise<PathOutcome[]> {
    await this.send(...paths)
    return this.publish(...paths)
  }

  /** The missing chunks only. */
  async send(...paths: CutPath[]): Promise<void> {
    const missing = new Set(await this.missing(...paths))
    const chunks = paths.flatMap((path) => path.chunks).filter((chunk) => missing.delete(nameChunk(chunk)))
    if (chunks.length === 0) return
    const body = Readable.from([bundle(await Promise.all(chunks.map(sendFrame)))])
    await receiveBundle(this.stage, { cache: this.cache, body, signal })
  }

  publish(...paths: CutPath[]): Promise<PathOutcome[]> {
    const reader = { cacheId: this.cache.id }
    return publishPaths(this.stage, { cache: this.cache, reader, paths: paths.map(pathCreateOf), signal })
  }

  missing(...paths: CutPath[]): Promise<readonly string[]> {
    return findMissingChunks(this.stage, { reader: { cacheId: this.cache.id }, names: namesOf(...paths) })
  }

  /** Fails unless it is what was pushed. Gives the hash and the bytes of the served file. */
  async read(path: CutPath): Promise<{ fileHash: string; file: Buffer }> {
    const served = await this.stage.served(this.cache, path)
    assert.equal(sha256(served.file), served.fileHash)
    assert.ok(decompress(served.file).equals(path.nar), `${path.name} is not what was pushed`)
    return served
  }

  async isVisible({ hash }: CutPath): Promise<boolean> {
    return (await this.stage.database.paths.find(this.cache.id, hash)) !== undefined
  }
}

/** All frames: `zstdDecompressSync` stops after the first. */
function decompress(file: Uint8Array): Buffer {
  const contents: Uint8Array[] = []
  for (let at = 0; at < file.length;) {
    const frame = file.subarray(at)
    const { size } = readFrameLayout(frame, cutSizes.max)
    contents.push(zstdDecompressSync(frame.subarray(0, size)))
    at += size
  }
  return Buffer.concat(contents)
}
