import assert from 'node:assert/strict'
import { zstdDecompressSync } from 'node:zlib'
import { FrameSplitter, sha256FromHex } from '@cachix/protocol'
import { sha256 } from './made-path.ts'

/** A path as a cache serves it, fetched whole. */
export interface ServedPath {
  readonly narInfo: string
  readonly nar: Buffer
  /** Base names. */
  readonly references: readonly string[]
}

/**
 * Fetches a path as Nix does, from the cache at `cacheUrl`: the narinfo, then the NAR, each checked against what the
 * narinfo says. Undefined if the cache does not have it.
 */
export async function fetchPath(cacheUrl: string, storeHash: string): Promise<ServedPath | undefined> {
  const response = await fetch(`${cacheUrl}/${storeHash}.narinfo`)
  const narInfo = await response.text()
  if (response.status === 404) return undefined
  assert.equal(response.status, 200, narInfo)
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(narInfo)?.[1] ?? ''
  const download = await fetch(`${cacheUrl}/${field('URL')}`)
  const file = Buffer.from(await download.arrayBuffer())
  assert.equal(download.status, 200, `${field('URL')}: ${file.toString('utf8', 0, 1000)}`)
  assert.equal(sha256FromHex(sha256(file)), field('FileHash'), field('StorePath'))
  const nar = decompress(file)
  assert.equal(sha256FromHex(sha256(nar)), field('NarHash'), field('StorePath'))
  return { narInfo, nar, references: field('References').split(' ').filter(Boolean) }
}

/** Frame by frame: `zstdDecompressSync` may stop after the first. */
function decompress(file: Buffer): Buffer {
  const frames = new FrameSplitter({ maxFrameBytes: file.length, maxContentBytes: 2 ** 22 }).write(file)
  return Buffer.concat(frames.map(({ bytes }) => zstdDecompressSync(bytes)))
}
