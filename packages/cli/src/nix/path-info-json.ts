import { baseNameOf, canonicalSha256, parseHash, renderHash } from '@cachix/protocol'
import type { PathInfo } from './store-reader.ts'

/**
 * Reads what `nix path-info --json` prints, in every shape it has had: an array of objects (Nix 2.0–2.18), an object
 * keyed by store path (2.19 on), or the same under `info`, keyed by base name (`--json-format 2` and 3).
 * Keyed by base name; undefined for paths that are not valid. Throws SyntaxError when it is not JSON.
 */
export function parsePathInfoJson(text: string, storeDir: string): Map<string, PathInfo | undefined> {
  const entries = entriesOf(JSON.parse(text) as Document)
  return new Map(
    entries.map(([path, info]) => {
      const name = baseNameOf(path)
      return [name, isValid(info) ? pathInfoOf(`${storeDir}/${name}`, info) : undefined]
    }),
  )
}

type Document = ListedInfo[] | Record<string, JsonInfo> | { readonly info: Record<string, JsonInfo> }
type ListedInfo = Exclude<JsonInfo, null> & { readonly path: string }

/** Before Nix 2.23 what is absent is left out, since then it is null. */
type JsonInfo = null | {
  readonly valid?: boolean
  readonly narHash?: string | null
  readonly narSize?: number | null
  readonly references?: readonly string[] | null
  readonly deriver?: string | null
  readonly signatures?: readonly JsonSignature[] | null
  readonly ca?: string | JsonContentAddress | null
}

type JsonSignature = string | { readonly keyName: string; readonly sig: string }

interface JsonContentAddress {
  readonly method: string
  readonly hash: string
}

type ValidInfo = NonNullable<JsonInfo> & { readonly narHash: string; readonly narSize: number }

function entriesOf(document: Document): [string, JsonInfo][] {
  if (Array.isArray(document)) return document.map((info) => [info.path, info])
  return Object.entries('info' in document ? (document.info as Record<string, JsonInfo>) : document)
}

function isValid(info: JsonInfo): info is ValidInfo {
  return typeof info?.narHash === 'string' && typeof info.narSize === 'number'
}

function pathInfoOf(storePath: string, info: ValidInfo): PathInfo {
  return {
    storePath,
    narHash: canonicalSha256(info.narHash),
    narSize: info.narSize,
    references: (info.references ?? []).map(baseNameOf).sort(),
    deriver: typeof info.deriver === 'string' ? baseNameOf(info.deriver) : undefined,
    signatures: (info.signatures ?? []).map(renderSignature),
    ca: renderContentAddress(info.ca ?? undefined),
  }
}

function renderSignature(signature: JsonSignature): string {
  return typeof signature === 'string' ? signature : `${signature.keyName}:${signature.sig}`
}

/** As narinfos have it: `text:HASH`, `fixed:HASH` or `fixed:r:HASH`. */
function renderContentAddress(ca: string | JsonContentAddress | undefined): string | undefined {
  if (ca === undefined || typeof ca === 'string') return ca
  const prefixes: Record<string, string> = {
    text: 'text:',
    flat: 'fixed:',
    nar: 'fixed:r:',
    git: 'fixed:git:',
  }
  return `${prefixes[ca.method] ?? `fixed:${ca.method}:`}${renderHash(parseHash(ca.hash))}`
}
