import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseNarInfo } from '@cachix/protocol'
import { cacheName } from './cachix-server.ts'
import { narInfoPath } from './nar-info-path.ts'

/** What a binary cache serves, as URL paths below the server's address. */
export interface Mirror {
  readonly narInfos: readonly string[]
  readonly nars: readonly string[]
  /** Bytes of all files in `nars`. */
  readonly narBytes: number
}

/** Copies a binary cache into plain files, with the same paths below `root` as below `origin`, by asking for them. */
export async function mirrorCache(
  origin: string,
  root: string,
  storePaths: readonly string[],
): Promise<Mirror> {
  mkdirSync(`${root}/${cacheName}/nar`, { recursive: true })
  writeFileSync(`${root}/healthz`, 'ok\n')
  const narInfos = storePaths.map((path) => narInfoPath(path))
  const nars = new Map<string, number>()
  for (const path of narInfos) {
    const text = await (await get(origin + path)).text()
    writeFileSync(root + path, text)
    const { url, fileSize } = parseNarInfo(text)
    nars.set(`/${cacheName}/${url}`, fileSize ?? 0)
  }
  for (const path of nars.keys()) {
    const { body } = await get(origin + path)
    if (body !== null) await pipeline(Readable.fromWeb(body), createWriteStream(root + path))
  }
  return {
    narInfos,
    nars: [...nars.keys()],
    narBytes: [...nars.values()].reduce((total, size) => total + size, 0),
  }
}

async function get(url: string): Promise<Response> {
  const response = await fetch(url)
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}: ${await response.text()}`)
  return response
}
