import { randomBytes } from 'node:crypto'
import { closeSync, openSync, statSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { makeDirectory, syncDirectory, syncFile } from './durable-directory.ts'
import { explainFullDisk } from './full-disk.ts'
import { ifThere } from './if-there.ts'
import type { Pack, PackStore, Spool } from './pack-store.ts'
import { readAt } from './read-at.ts'

/** Few system calls for a long read, and little memory for a thousand slow readers. */
const readBlock = 32 * 1024

/**
 * Packs as files: `packs/ab/abcd…` under `directory`, which is made if missing and belongs to this process alone.
 * What is on its way in lies in `spool/`, on the same file system, so that a rename turns it into a pack. Anything
 * found there now was left by a process that died.
 */
export async function openDiskPackStore(directory: string): Promise<PackStore> {
  await rm(join(directory, 'spool'), { recursive: true, force: true })
  return joinDiskPackStore(directory)
}

/** The same, beside another process that has it open. */
export async function joinDiskPackStore(directory: string): Promise<PackStore> {
  const packs = join(directory, 'packs')
  const spool = join(directory, 'spool')
  await makeDirectory(packs)
  await makeDirectory(spool)
  await makePrefixes(packs)
  return new DiskPackStore(packs, spool)
}

/** All of them at once: made one by one by the packs that need them, each would have to wait until its own is durable. */
async function makePrefixes(packs: string): Promise<void> {
  for (let prefix = 0; prefix < 256; prefix++) {
    await mkdir(join(packs, prefix.toString(16).padStart(2, '0')), { recursive: true })
  }
  await syncDirectory(packs)
}

class DiskPackStore implements PackStore {
  readonly #packs: string
  readonly #spool: string

  constructor(packs: string, spool: string) {
    this.#packs = packs
    this.#spool = spool
  }

  async createSpool(): Promise<Spool> {
    const path = join(this.#spool, randomBytes(16).toString('hex'))
    return { path, discard: () => rm(path, { force: true }) }
  }

  async put(name: string, spool: Spool): Promise<void> {
    const path = this.#pathOf(name)
    try {
      await syncFile(spool.path)
      // Over whatever is there: the same bytes, or a damaged pack that is mended by this.
      await rename(spool.path, path)
      await syncDirectory(dirname(path))
    } catch (error) {
      throw explainFullDisk(error)
    }
  }

  async open(name: string): Promise<Pack | undefined> {
    const path = this.#pathOf(name)
    // Each NAR that is served waits for this: a trip to the thread pool takes more than ten times as long as the call.
    const file = statSync(path, { bigint: true, throwIfNoEntry: false })
    if (file === undefined) return undefined
    return {
      size: Number(file.size),
      storedAt: Number(file.mtimeMs),
      version: `${file.ino} ${file.size} ${file.mtimeNs}`,
      changedAt: String(file.ctimeNs),
      path,
      read: (start, end) => readFileRange(path, start, end),
      readFew: async (start, end) => readFew(path, start, end),
    }
  }

  async delete(name: string): Promise<void> {
    const path = this.#pathOf(name)
    if ((await ifThere(stat(path))) === undefined) return
    await rm(path, { force: true })
    await syncDirectory(dirname(path))
  }

  async *list(): AsyncIterable<string> {
    for (const prefix of await readdir(this.#packs)) {
      const names = await readdir(join(this.#packs, prefix))
      yield* names.filter((name) => isPackName(name))
    }
  }

  #pathOf(name: string): string {
    if (!isPackName(name)) throw new TypeError(`Not the name of a pack: ${JSON.stringify(name)}`)
    return join(this.#packs, name.slice(0, 2), name)
  }
}

function isPackName(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name)
}

/** Not by way of the thread pool, for the same reason as `open`; sendfile would wait for the disk here as well. */
function readFew(path: string, start: number, end: number): Uint8Array {
  const file = openSync(path, 'r')
  try {
    return readAt(file, new Uint8Array(end - start), start)
  } finally {
    closeSync(file)
  }
}

/** Not a file stream, which reads ahead: of a thousand slow readers each has one block. */
async function* readFileRange(path: string, start: number, end: number): AsyncGenerator<Uint8Array, void> {
  if (start === end) return
  const file = await open(path)
  try {
    for (let at = start; at < end;) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(Math.min(readBlock, end - at)), {
        position: at,
      })
      if (bytesRead === 0) return
      at += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}
