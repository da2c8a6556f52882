import { isStoreHash } from '@cachix/protocol'

/** What Nix asks of a cache, or puts into it. */
export type Asked =
  | { readonly kind: 'cache-info' }
  | { readonly kind: 'narinfo' | 'listing'; readonly storeHash: string }
  | { readonly kind: 'nar'; readonly fileName: string }
  | AskedObject
  /** Where the debugging information of a build is. */
  | { readonly kind: 'debug-info'; readonly buildId: string }
  /** A file in a store path; `path` is what follows the store path, without the slash between them. */
  | { readonly kind: 'file'; readonly storeHash: string; readonly path: string }

/** Something small that is given back as it was put. */
export interface AskedObject {
  readonly kind: 'log' | 'realisation'
  /** Below the cache's URL. */
  readonly name: string
}

/** `path` is below the cache's URL, `query` with its question mark. Undefined when this is not one of Nix's paths. */
export function parseAsked(path: string, query: string): Asked | undefined {
  if (path.startsWith('nar/')) return { kind: 'nar', fileName: path.slice('nar/'.length) }
  if (path === 'nix-cache-info') return { kind: 'cache-info' }
  return (
    parseNamed(path, '.narinfo', 'narinfo') ?? parseNamed(path, '.ls', 'listing') ?? parseOther(path, query)
  )
}

const hashLength = 32

function parseNamed(path: string, ending: string, kind: 'narinfo' | 'listing'): Asked | undefined {
  if (path.length !== hashLength + ending.length || !path.endsWith(ending)) return undefined
  const storeHash = path.slice(0, hashLength)
  return isStoreHash(storeHash) ? { kind, storeHash } : undefined
}

const storeName = '[0-9a-df-np-sv-z]{32}-[0-9a-zA-Z+\\-._?=]{1,211}'
const outputName = '[0-9a-zA-Z+\\-._?=]{1,211}'
const log = new RegExp(`^log/${storeName}$`)
const realisation = new RegExp(
  `^(?:realisations/sha256:[0-9a-f]{64}!${outputName}|build-trace-v2/${storeName}/${outputName})\\.doi$`,
)
/** Some who ask leave out what the name of the file ends in. */
const debugInfo = /^debuginfo\/([0-9a-f]{40})(?:\.debug)?$/
const file = /^serve\/([^/]+)(?:\/(.*))?$/s

/** Rarely asked for. */
function parseOther(path: string, query: string): Asked | undefined {
  const [, buildId] = debugInfo.exec(path) ?? []
  if (buildId !== undefined) return { kind: 'debug-info', buildId }
  return path.startsWith('serve/') ? parseFile(decoded(path)) : parseObject(decoded(path + query))
}

function parseFile(path = ''): Asked | undefined {
  const [, storeHash = '', below = ''] = file.exec(path) ?? []
  return isStoreHash(storeHash) ? { kind: 'file', storeHash, path: below } : undefined
}

/** Names may have a question mark in them, which some versions of Nix do not encode. */
function parseObject(name = ''): AskedObject | undefined {
  if (log.test(name)) return { kind: 'log', name }
  return realisation.test(name) ? { kind: 'realisation', name } : undefined
}

/** Undefined where what is encoded is not UTF-8. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}
