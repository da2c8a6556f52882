import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { makeDirectory, syncDirectory, syncFile } from './durable-directory.ts'
import { ifThere } from './if-there.ts'
import { explainFullDisk } from './full-disk.ts'
import type { PartName, PartStore, StoredPart } from './part-store.ts'
import type { Spool } from './pack-store.ts'
import { PartSizes } from './part-sizes.ts'

/** Parts as files: `parts/ID/NUMBER-MD5` under `directory`, which also has the spools. */
export async function openDiskPartStore(directory: string): Promise<PartStore> {
  const parts = join(directory, 'parts')
  await makeDirectory(parts)
  return new DiskPartStore(parts)
}

class DiskPartStore implements PartStore {
  readonly #parts: string
  readonly #sizes = new PartSizes(async (id) => {
    const parts = await this.find(id)
    return parts && new Map(parts.map(({ number, size }) => [number, size]))
  })

  constructor(parts: string) {
    this.#parts = parts
  }

  async begin(id: string): Promise<void> {
    this.#sizes.forget(id)
    try {
      await mkdir(this.#folderOf(id), { recursive: true })
      await syncDirectory(this.#parts)
    } catch (error) {
      throw explainFullDisk(error)
    }
  }

  async put({ id, number, md5 }: PartName, spool: Spool): Promise<boolean> {
    const folder = this.#folderOf(id)
    const name = `${number}-${md5}`
    const sizes = await this.#sizes.of(id)
    if (sizes === undefined) return false
    try {
      const { size } = await stat(spool.path)
      await syncFile(spool.path)
      await sizes.inTurn(async () => {
        await rename(spool.path, join(folder, name))
        if (sizes.note(number, size)) await removeOthers(folder, { number, name })
      })
      await syncDirectory(folder)
      return true
    } catch (error) {
      if ((await ifThere(stat(folder))) === undefined) return false
      throw explainFullDisk(error)
    }
  }

  async find(id: string): Promise<readonly StoredPart[] | undefined> {
    const folder = this.#folderOf(id)
    const names = await ifThere(readdir(folder))
    if (names === undefined) return undefined
    // One may just have given way to another.
    const parts = await Promise.all(names.map((name) => ifThere(partAt(folder, name))))
    return parts.filter((part) => part !== undefined).toSorted((one, other) => one.number - other.number)
  }

  async sizeBeside(id: string, number: number): Promise<number | undefined> {
    return (await this.#sizes.of(id))?.beside(number)
  }

  /** Under another name first, so that it is not seen with half of its parts. */
  async end(id: string): Promise<void> {
    const ending = `${this.#folderOf(id)}.end`
    this.#sizes.forget(id)
    await ifThere(rename(this.#folderOf(id), ending))
    await rm(ending, { recursive: true, force: true })
  }

  async ids(): Promise<readonly string[]> {
    const names = await readdir(this.#parts)
    return [...new Set(names.map((name) => name.replace(/\.end$/, '')))]
  }

  async changedAt(id: string): Promise<number | undefined> {
    const folder = this.#folderOf(id)
    return ((await ifThere(stat(folder))) ?? (await ifThere(stat(`${folder}.end`))))?.mtimeMs
  }

  #folderOf(id: string): string {
    if (!/^[0-9a-z-]+$/.test(id)) throw new TypeError(`Not the id of a file: ${JSON.stringify(id)}`)
    return join(this.#parts, id)
  }
}

async function removeOthers(
  folder: string,
  { number, name }: { readonly number: number; readonly name: string },
): Promise<void> {
  const names = await readdir(folder)
  const others = names.filter((other) => other.startsWith(`${number}-`) && other !== name)
  await Promise.all(others.map((other) => rm(join(folder, other), { force: true })))
}

async function partAt(folder: string, name: string): Promise<StoredPart> {
  const path = join(folder, name)
  const [number = '', md5 = ''] = name.split('-')
  return { number: Number(number), md5, size: (await stat(path)).size, path }
}
