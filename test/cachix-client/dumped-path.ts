import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { encodeNix32, fingerprint, sign, type SecretKey } from '@cachix/protocol'
import type { MadePath } from '../harness/made-path.ts'
import type { NixWorld } from '../harness/nix-world.ts'
import { storeHash } from '../harness/store-paths.ts'

/** A path of a real store as the genuine client sends it. */
export interface DumpedPath {
  readonly storeHash: string
  readonly file: Buffer
  readonly compression: 'zst' | 'xz'
  readonly narInfoCreate: Readonly<Record<string, unknown>>
}

export interface DumpOptions {
  readonly compression: 'zst' | 'xz'
  /** Undefined: the service signs. */
  readonly key?: SecretKey | undefined
}

/** Reads a path with Nix itself. */
export async function dumpPath(
  world: NixWorld,
  path: string,
  { compression, key }: DumpOptions,
): Promise<DumpedPath> {
  // The same path may be dumped several times at once.
  const name = join(world.home, `${storeHash(path)}-${randomUUID()}`)
  await world.runOk(['sh', '-euc', 'nix-store --dump "$0" > "$1"', path, name])
  const nar = readFileSync(name)
  const file = compression === 'zst' ? zstdCompressSync(nar) : await xz(world, name)
  const narHash = `sha256:${encodeNix32(createHash('sha256').update(nar).digest())}`
  const references = (await world.runOk(['nix-store', '--query', '--references', path]))
    .split('\n')
    .filter(Boolean)
  const deriver = await world.runOk(['nix-store', '--query', '--deriver', path])
  const baseNames = references.map(baseName).toSorted()
  const text = fingerprint({ storePath: path, narHash, narSize: nar.length, references: baseNames })
  const signature = key && (await sign(key, text))
  return {
    storeHash: storeHash(path),
    file,
    compression,
    narInfoCreate: {
      cStoreHash: storeHash(path),
      cStoreSuffix: baseName(path).slice(33),
      cNarHash: narHash,
      cNarSize: nar.length,
      cFileHash: createHash('sha256').update(file).digest('hex'),
      cFileSize: file.length,
      cReferences: baseNames,
      cDeriver: deriver.endsWith('.drv') ? baseName(deriver) : 'unknown-deriver',
      cSig: signature === undefined ? null : signature.slice(signature.indexOf(':') + 1),
    },
  }
}

/** A path that was never in a store. */
export function dumpedFromMade({ storeHash, file, narInfo }: MadePath): DumpedPath {
  return { storeHash, file, compression: 'zst', narInfoCreate: narInfo }
}

async function xz(world: NixWorld, name: string): Promise<Buffer> {
  await world.runOk(['xz', '--keep', '--force', '-2', name])
  return readFileSync(`${name}.xz`)
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
