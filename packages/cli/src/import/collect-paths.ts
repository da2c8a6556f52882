import { baseNameOf, FormatError, parseBaseName, parseNarInfo, type NarInfo } from '@cachix/protocol'
import pLimit from 'p-limit'
import { printable } from '../service/explain-failure.ts'
import { UselessFileError, type CacheSource } from './cache-source.ts'

export interface CollectDeps {
  readonly source: CacheSource
  /** Which of these store hashes the cache lacks. */
  readonly findMissing: (storeHashes: readonly string[]) => Promise<ReadonlySet<string>>
  readonly signal: AbortSignal
}

export interface CollectedPaths {
  /** In no order. */
  readonly missing: readonly NarInfo[]
  readonly present: number
  /** Store hashes that the source should have, and has not. */
  readonly absent: readonly string[]
  /** Store hashes whose narinfo is of no use, each with the reason, for people. */
  readonly useless: ReadonlyMap<string, string>
}

/** Narinfos asked for at the same time. */
const asked = 25

/**
 * What the cache lacks of these paths and all that they need. What the cache has is not looked at: all that it needs
 * is there too. Throws CliError `source`.
 */
export async function collectPaths(
  deps: CollectDeps,
  storeHashes: readonly string[],
): Promise<CollectedPaths> {
  const seen = new Set(storeHashes)
  const missing: NarInfo[] = []
  const absent: string[] = []
  const useless = new Map<string, string>()
  let present = 0
  const limit = pLimit(asked)

  async function read(storeHash: string): Promise<NarInfo | undefined> {
    try {
      return await readNarInfo(deps, storeHash)
    } catch (error) {
      if (!(error instanceof UselessFileError)) throw error
      useless.set(storeHash, printable(error.message))
      return undefined
    }
  }

  for (let level = [...seen]; level.length > 0;) {
    const lacking = await deps.findMissing(level)
    present += level.length - lacking.size
    const reading = Array.from(lacking, (storeHash) => limit(() => read(storeHash)))
    const infos = await Promise.all(reading)
    absent.push(...[...lacking].filter((hash, i) => infos[i] === undefined && !useless.has(hash)))
    const found = infos.filter((info) => info !== undefined)
    missing.push(...found)
    level = found.flatMap(({ references }) => references.map(hashOf)).filter((hash) => isNew(seen, hash))
  }
  return { missing, present, absent, useless }
}

async function readNarInfo({ source, signal }: CollectDeps, storeHash: string): Promise<NarInfo | undefined> {
  signal.throwIfAborted()
  const file = `${storeHash}.narinfo`
  const text = await source.readText(file, signal)
  if (text === undefined) return undefined
  try {
    const info = parseNarInfo(text)
    if (hashOf(baseNameOf(info.storePath)) === storeHash) return info
    throw new FormatError('narinfo', `it is about ${info.storePath}`)
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause
    throw new UselessFileError(`${file} of ${source.name} makes no sense: ${cause.message}`, { cause })
  }
}

function hashOf(baseName: string): string {
  return parseBaseName(baseName).hash
}

/** Notes it, too. */
function isNew(seen: Set<string>, storeHash: string): boolean {
  return seen.size < seen.add(storeHash).size
}
