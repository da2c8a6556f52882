// The text a cache keeps for each store path, read as Nix's libstore/nar-info.cc reads it and written byte for byte as
// Nix writes it.

import { checkContentAddress } from './content-address.ts'
import { sortReferences } from './fingerprint.ts'
import { FormatError } from './format-error.ts'
import { canonicalSha256, parseHash, renderHash } from './hash.ts'
import type { Sha256Text } from './hash.ts'
import { isSignature } from './signature.ts'
import { defaultStoreDir, parseBaseName, parseStorePath } from './store-path.ts'

export interface NarInfo {
  /** Full. */
  readonly storePath: string
  /** Relative to the cache, or absolute. */
  readonly url: string
  readonly compression: string
  /** Of the file at `url`. */
  readonly fileHash?: string | undefined
  /** Bytes. */
  readonly fileSize?: number | undefined
  readonly narHash: Sha256Text
  /** Bytes. */
  readonly narSize: number
  /** Base names. */
  readonly references: readonly string[]
  /** Base name; `undefined` where a narinfo says `unknown-deriver`. */
  readonly deriver?: string | undefined
  /** `key name:base64`, well-formed. */
  readonly signatures: readonly string[]
  /** Content address. */
  readonly ca?: string | undefined
}

/**
 * Reads what a client would: unknown fields are skipped, `Sig` repeats, of other repeated fields the last counts.
 * Kinder than a client in one thing: a `Sig` that is not a signature is dropped. Throws `FormatError`.
 */
export function parseNarInfo(text: string, storeDir: string = defaultStoreDir): NarInfo {
  const draft: Draft = { references: [], signatures: [] }
  for (const [name, value] of fieldsOf(text)) fieldReaders.get(name)?.(draft, value, storeDir)
  const { storePath, url, narHash, narSize } = draft
  if (!storePath || !url || !narHash || !narSize) {
    throw new FormatError('narinfo', 'This narinfo lacks one of StorePath, URL, NarHash and NarSize.')
  }
  return { ...draft, storePath, url, compression: draft.compression || 'bzip2', narHash, narSize }
}

/** An empty `References: ` keeps its blank: clients skip two characters after a colon without looking. */
export function renderNarInfo(info: NarInfo): string {
  const fields: [name: string, value: string | number | undefined][] = [
    ['StorePath', info.storePath],
    ['URL', info.url],
    ['Compression', info.compression],
    ['FileHash', info.fileHash],
    ['FileSize', info.fileSize],
    ['NarHash', info.narHash],
    ['NarSize', info.narSize],
    ['References', sortReferences(info.references).join(' ')],
    ['Deriver', info.deriver],
    ...info.signatures.map((signature): [string, string] => ['Sig', signature]),
    ['CA', info.ca],
  ]
  return fields.map(([name, value]) => renderField(name, value)).join('')
}

interface Draft extends Partial<Writable<NarInfo>> {
  references: string[]
  signatures: string[]
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type FieldReader = (draft: Draft, value: string, storeDir: string) => void

const fieldReaders = new Map<string, FieldReader>([
  ['StorePath', readStorePath],
  ['URL', (draft, value) => (draft.url = value)],
  ['Compression', (draft, value) => (draft.compression = value)],
  ['FileHash', (draft, value) => (draft.fileHash = renderHash(parseHash(value)))],
  ['FileSize', (draft, value) => (draft.fileSize = parseSize(value))],
  ['NarHash', (draft, value) => (draft.narHash = canonicalSha256(value))],
  ['NarSize', (draft, value) => (draft.narSize = parseSize(value))],
  ['References', readReferences],
  ['Deriver', readDeriver],
  ['Sig', readSignature],
  ['CA', readContentAddress],
])

function* fieldsOf(text: string): Generator<[name: string, value: string]> {
  let start = 0
  while (start < text.length) {
    const colon = text.indexOf(':', start)
    const end = text.indexOf('\n', colon + 2)
    if (colon === -1 || end === -1)
      throw new FormatError('narinfo', 'A line of this narinfo is not "Name: value".')
    yield [text.slice(start, colon), text.slice(colon + 2, end)]
    start = end + 1
  }
}

function readStorePath(draft: Draft, value: string, storeDir: string): void {
  parseStorePath(value, storeDir)
  draft.storePath = value
}

function readReferences(draft: Draft, value: string): void {
  if (draft.references.length > 0) throw new FormatError('narinfo', 'This narinfo has References twice.')
  draft.references = sortReferences(value.split(' ').filter((baseName) => baseName !== ''))
  for (const baseName of draft.references) parseBaseName(baseName)
}

function readDeriver(draft: Draft, value: string): void {
  if (value === 'unknown-deriver') return
  parseBaseName(value)
  draft.deriver = value
}

function readSignature(draft: Draft, value: string): void {
  if (isSignature(value)) draft.signatures.push(value)
}

function readContentAddress(draft: Draft, value: string): void {
  if (draft.ca !== undefined) throw new FormatError('narinfo', 'This narinfo has CA twice.')
  if (value !== '') draft.ca = checkContentAddress(value)
}

function parseSize(text: string): number {
  const size = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(size)) {
    throw new FormatError('narinfo', `"${text.slice(0, 40)}" is not a size in bytes.`)
  }
  return size
}

/** A line break in a value would let whoever chose the value write fields of their own. */
function renderField(name: string, value: string | number | undefined): string {
  if (value === undefined) return ''
  if (String(value).includes('\n'))
    throw new FormatError('narinfo', `The ${name} of a narinfo cannot hold a line break.`)
  return `${name}: ${value}\n`
}
