import { fingerprint, FormatError, parseNarInfo, parsePublicKey, parseStorePath } from '@cachix/protocol'
import { LRUCache } from 'lru-cache'
import type { Cache } from '../database/cache-database.ts'
import type { DeclaredUpstream, UpstreamPath } from '../database/upstream-table.ts'
import type { UpstreamReader } from '../upstreams/upstream-reader.ts'
import { verified } from './signature-of.ts'

export interface PathQuestion {
  readonly cache: Cache
  readonly upstream: DeclaredUpstream
  readonly storeHash: string
}

export interface UpstreamAnswersOptions {
  /** Milliseconds that a client waits for all it wants to know; what is not known then counts as missing. */
  readonly enoughMs: number
}

interface Asking {
  readonly found: Promise<UpstreamPath | undefined>
  readonly leave: AbortController
  waiting: number
}

/** Milliseconds. */
const absentFor = 3_600_000
/** Twice the largest question of the genuine client. */
const maxAbsent = 65_536

/**
 * What upstreams answer, asked once for all who want to know the same at once; what they lack is remembered for a while.
 * Every cache has its own answers: those of another would tell, by how quick they are, what its pushers ask for.
 */
export class UpstreamAnswers {
  readonly options: UpstreamAnswersOptions
  readonly #reader: UpstreamReader
  readonly #asking = new Map<string, Asking>()
  /** For a cache's upstream and a store hash: the upstream, as it was declared then. */
  readonly #absent = new LRUCache<string, string>({ max: maxAbsent, ttl: absentFor })

  constructor(reader: UpstreamReader, options: UpstreamAnswersOptions) {
    this.#reader = reader
    this.options = options
  }

  mayAsk(url: string): boolean {
    return this.#reader.mayAsk(url)
  }

  /**
   * The path that the upstream has under a store hash, signed by a key of it; undefined if it has none, or if that is not
   * known before the signal aborts. The upstream is asked until nobody waits for the answer.
   */
  async find(question: PathQuestion, signal: AbortSignal): Promise<UpstreamPath | undefined> {
    const { upstream, storeHash } = question
    const name = `${upstream.id} ${storeHash}`
    const declared = declarationOf(question)
    if (signal.aborted || this.#absent.get(name) === declared) return undefined
    const key = `${name} ${declared}`
    const asking = this.#asking.get(key) ?? this.#ask(question, key)
    asking.waiting += 1
    try {
      return await beforeAbort(asking.found, signal)
    } finally {
      asking.waiting -= 1
      if (asking.waiting === 0) {
        this.#asking.delete(key)
        asking.leave.abort()
      }
    }
  }

  #ask(question: PathQuestion, key: string): Asking {
    const leave = new AbortController()
    const asking = { found: this.#read(question, leave.signal), leave, waiting: 0 }
    this.#asking.set(key, asking)
    return asking
  }

  async #read(question: PathQuestion, signal: AbortSignal): Promise<UpstreamPath | undefined> {
    const { upstream, storeHash } = question
    const answer = await this.#reader.readNarinfo({ url: upstream.url, storeHash }, signal)
    if (answer.outcome === 'unknown') return undefined
    const path = answer.outcome === 'found' ? await signedPath(question, answer.text) : undefined
    if (path === undefined) this.#absent.set(`${upstream.id} ${storeHash}`, declarationOf(question))
    return path
  }
}

/** With other keys, or under an id that was given again, an answer may be another. */
function declarationOf({ cache, upstream }: PathQuestion): string {
  return `${cache.id} ${upstream.url} ${upstream.publicKeys.join(' ')}`
}

async function signedPath(
  { cache, upstream, storeHash }: PathQuestion,
  text: string,
): Promise<UpstreamPath | undefined> {
  try {
    const info = parseNarInfo(text, cache.storeDir)
    const { hash, name } = parseStorePath(info.storePath, cache.storeDir)
    if (hash !== storeHash) return undefined
    const signed = { fingerprint: fingerprint(info), others: info.signatures }
    const [signature] = await verified(upstream.publicKeys.map(parsePublicKey), signed)
    return signature === undefined ? undefined : { upstreamId: upstream.id, storeHash, storeName: name }
  } catch (error) {
    if (error instanceof FormatError) return undefined
    throw error
  }
}

function beforeAbort<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
  const { promise: first, resolve, reject } = Promise.withResolvers<Result | undefined>()
  const giveUp = (): void => resolve(undefined)
  signal.addEventListener('abort', giveUp, { once: true })
  promise.then(resolve, reject)
  return first.finally(() => signal.removeEventListener('abort', giveUp))
}
