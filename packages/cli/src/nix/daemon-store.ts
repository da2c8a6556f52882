import { baseNameOf, sha256FromHex } from '@cachix/protocol'
import { CliError } from '../cli-error.ts'
import { ConnectionLost, DaemonConnection, type Question } from './daemon-connection.ts'
import {
  encodeInt,
  encodeString,
  encodeStrings,
  readInt,
  readString,
  readStrings,
  type Reading,
} from './daemon-wire.ts'
import { sortClosure } from './sort-closure.ts'
import type { PathInfo, StoreReader } from './store-reader.ts'

interface DaemonStoreOptions {
  readonly socketPath: string
  readonly storeDir: string
}

/** Asks the Nix daemon. Throws the system's error, such as ENOENT or EACCES, when nobody answers at the socket. */
export async function openDaemonStore(options: DaemonStoreOptions): Promise<StoreReader> {
  return new DaemonStore(options, await DaemonConnection.connect(options.socketPath))
}

class DaemonStore implements StoreReader {
  readonly storeDir: string
  readonly #socketPath: string
  readonly #protected = new Set<string>()
  #connection: DaemonConnection
  #reconnection: Promise<void> | undefined

  constructor(options: DaemonStoreOptions, connection: DaemonConnection) {
    this.storeDir = options.storeDir
    this.#socketPath = options.socketPath
    this.#connection = connection
  }

  async validPaths(storePaths: readonly string[]): Promise<Set<string>> {
    return new Set(await this.#ask(queryValidPaths(storePaths)))
  }

  /** One round trip per level of the graph: the questions of a level are asked all at once. */
  async closure(storePaths: readonly string[]): Promise<PathInfo[]> {
    const infos = new Map<string, PathInfo>()
    for (let level = new Set(storePaths); level.size > 0; level = this.#unknownReferences(level, infos)) {
      const found = await Promise.all(Array.from(level, (path) => this.#pathInfo(path)))
      for (const info of found) infos.set(info.storePath, info)
    }
    return sortClosure([...infos.values()])
  }

  async protect(storePaths: readonly string[]): Promise<void> {
    for (const path of storePaths) this.#protected.add(path)
    await Promise.all(storePaths.map((path) => this.#ask(addTempRoot(path))))
  }

  async close(): Promise<void> {
    this.#connection.close()
  }

  #unknownReferences(level: Set<string>, infos: Map<string, PathInfo>): Set<string> {
    const references = Array.from(level, (path) => infos.get(path)?.references ?? []).flat()
    const paths = references.map((reference) => `${this.storeDir}/${reference}`)
    return new Set(paths.filter((path) => !infos.has(path)))
  }

  async #pathInfo(storePath: string): Promise<PathInfo> {
    const info = await this.#ask(queryPathInfo(storePath))
    if (info === undefined)
      throw new CliError('nix', `${storePath} is not valid: the Nix store does not have it.`)
    return info
  }

  async #ask<T>(question: Question<T>): Promise<T> {
    try {
      try {
        return await this.#connection.ask(question)
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error
      }
      await this.#reconnect()
      return await this.#connection.ask(question)
    } catch (error) {
      if (error instanceof CliError) throw error
      throw new CliError('nix', `The Nix daemon at ${this.#socketPath}: ${messageOf(error)}`, {
        cause: error,
      })
    }
  }

  /** However many questions were lost with the connection, makes one new one, which has to protect the paths again. */
  async #reconnect(): Promise<void> {
    if (this.#connection.isOpen) return
    this.#reconnection ??= this.#connectAgain().finally(() => (this.#reconnection = undefined))
    await this.#reconnection
  }

  async #connectAgain(): Promise<void> {
    this.#connection = await DaemonConnection.connect(this.#socketPath)
    await Promise.all(Array.from(this.#protected, (path) => this.#connection.ask(addTempRoot(path))))
  }
}

function addTempRoot(storePath: string): Question<number> {
  return { operation: 11, args: () => [encodeString(storePath)], read: readInt }
}

function queryPathInfo(storePath: string): Question<PathInfo | undefined> {
  return { operation: 26, args: () => [encodeString(storePath)], read: () => readPathInfo(storePath) }
}

function queryValidPaths(storePaths: readonly string[]): Question<string[]> {
  const paths = encodeStrings(storePaths)
  const doNotSubstitute = encodeInt(0)
  return { operation: 31, args: (v) => (v < 0x011b ? paths : [...paths, doNotSubstitute]), read: readStrings }
}

function* readPathInfo(storePath: string): Reading<PathInfo | undefined> {
  if ((yield* readInt()) === 0) return undefined
  const deriver = yield* readString()
  const narHash = sha256FromHex(yield* readString())
  const references = (yield* readStrings()).map(baseNameOf).sort()
  yield* readInt() // registration time
  const narSize = yield* readInt()
  yield* readInt() // ultimate
  const signatures = yield* readStrings()
  const ca = (yield* readString()) || undefined
  return {
    storePath,
    narHash,
    narSize,
    references,
    deriver: baseNameOf(deriver) || undefined,
    signatures,
    ca,
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
