// What the copy of the database needs must be in the copy of the packs. Packs never change, and those that nothing needs
// stay for a grace period. So what is there before the database is copied, and what has come by the time it has been, is
// more than enough.

import { constants, createWriteStream } from 'node:fs'
import { copyFile, link, realpath, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

import type { CacheDatabase } from '../../database/cache-database.ts'
import { CacheError } from '../../cache-error.ts'
import { syncDirectory, syncFile } from '../../storage/durable-directory.ts'
import { explainFullDisk } from '../../storage/full-disk.ts'
import type { Pack, PackStore } from '../../storage/pack-store.ts'
import type { ServiceKeyFile } from '../service-seal.ts'

export interface BackUpDeps {
  readonly database: CacheDatabase
  readonly packs: PackStore
  /** The packs of the backup. */
  readonly target: PackStore
  /** Copied too, unless the operator keeps it. */
  readonly serviceKey: ServiceKeyFile
}

export interface BackUpRequest {
  /** Of the backup; what it has from an earlier one is kept up to date. */
  readonly directory: string
  readonly signal: AbortSignal
}

export interface BackedUp {
  /** Name of the file that is the copy of the database. */
  readonly database: string
  readonly packs: number
  /** Packs that an earlier backup did not have. */
  readonly newPacks: number
  /** False: the operator keeps it elsewhere. */
  readonly hasServiceKey: boolean
}

/** Makes a directory a copy of everything as of one moment, while everybody goes on working. Throws `disk-full`. */
export async function backUp(deps: BackUpDeps, { directory, signal }: BackUpRequest): Promise<BackedUp> {
  try {
    const names = new Set<string>()
    let newPacks = await copyPacks(deps, names, signal)
    const database = await deps.database.snapshot(directory)
    newPacks += await copyPacks(deps, names, signal)
    await deleteOthers(deps.target, names)
    await takeKey(deps.serviceKey, join(directory, 'service.key'))
    await syncDirectory(directory)
    return { database, packs: names.size, newPacks, hasServiceKey: !deps.serviceKey.isGiven }
  } catch (error) {
    throw explainFullDisk(error)
  }
}

/** Adds to `names` those of all packs. Gives how many were new. */
async function copyPacks(deps: BackUpDeps, names: Set<string>, signal: AbortSignal): Promise<number> {
  let copied = 0
  for await (const name of deps.packs.list()) {
    signal.throwIfAborted()
    if (names.has(name)) continue
    const [pack, copy] = await Promise.all([deps.packs.open(name), deps.target.open(name)])
    if (pack === undefined) continue
    names.add(name)
    if (pack.size === copy?.size) continue
    await copyPack(deps.target, name, pack)
    copied += 1
  }
  return copied
}

async function copyPack(target: PackStore, name: string, pack: Pack): Promise<void> {
  const spool = await target.createSpool()
  try {
    if (pack.path === undefined) await pipeline(pack.read(0, pack.size), createWriteStream(spool.path))
    else await linkOrCopy(pack.path, spool.path)
    await target.put(name, spool)
  } finally {
    await spool.discard()
  }
}

/** A second name for the same bytes, where they are on one file system. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch {
    await copyFile(from, to, constants.COPYFILE_FICLONE)
  }
}

async function deleteOthers(target: PackStore, names: ReadonlySet<string>): Promise<void> {
  for await (const name of target.list()) {
    if (!names.has(name)) await target.delete(name)
  }
}

async function takeKey({ path, isGiven }: ServiceKeyFile, copy: string): Promise<void> {
  if (!isGiven) return copyKey(path, copy)
  // An earlier backup may have one, which must not stay; but never delete the operator's own.
  const [kept, left] = await Promise.all([path, copy].map((file) => realpath(file).catch(() => undefined)))
  if (left !== kept) await rm(copy, { force: true })
}

async function copyKey(from: string, to: string): Promise<void> {
  const draft = `${to}.new`
  await rm(draft, { force: true })
  await copyFile(from, draft, constants.COPYFILE_EXCL).catch(explainMissing)
  await syncFile(draft)
  await rename(draft, to)
}

function explainMissing(cause: NodeJS.ErrnoException): never {
  if (cause.code !== 'ENOENT') throw cause
  const message = `The service key ${cause.path} is not there. Say where it is with --service-key-file FILE: then it is left out of the backup.`
  throw new CacheError('not-found', message, { cause })
}
