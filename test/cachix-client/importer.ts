import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CurrentClient } from './current-client.ts'
import type { DumpedPath } from './dumped-path.ts'

/**
 * What `import` does with the objects of a bucket, here the files of a directory: one narinfo after the other as they are
 * listed, which is by their hashes; files are sent as they are, and what is said of them is taken from the narinfos.
 */
export async function importFrom(directory: string, client: CurrentClient): Promise<void> {
  for (const file of readdirSync(directory).toSorted()) {
    if (!file.endsWith('.narinfo')) continue
    const path = readPath(directory, file)
    await client.getCache()
    if (!(await client.has(path.storeHash))) await client.sendPatiently(path)
  }
}

function readPath(directory: string, file: string): DumpedPath {
  const lines = readFileSync(join(directory, file), 'utf8').split('\n')
  const field = (name: string): string =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? ''
  const bytes = readFileSync(join(directory, field('URL')))
  const baseName = field('StorePath').slice('/nix/store/'.length)
  return {
    storeHash: baseName.slice(0, 32),
    file: bytes,
    compression: field('Compression') === 'xz' ? 'xz' : 'zst',
    narInfoCreate: {
      cStoreHash: baseName.slice(0, 32),
      cStoreSuffix: baseName.slice(33),
      cNarHash: field('NarHash'),
      cNarSize: Number(field('NarSize')),
      cFileHash: createHash('sha256').update(bytes).digest('hex'),
      cFileSize: bytes.length,
      cReferences: field('References').split(' ').filter(Boolean),
      cDeriver: field('Deriver') || 'unknown-deriver',
      cSig: null,
    },
  }
}
