// The store path of contents that address themselves, as Nix's libstore/store-dir-config.cc and content-address.cc make it.

import { FormatError } from './format-error.ts'
import { parseHash } from './hash.ts'
import { encodeHex } from './hex.ts'
import { encodeNix32 } from './nix32.ts'
import { crypto, TextEncoder } from './platform.ts'
import { parseStorePath } from './store-path.ts'

export interface ContentAddressed {
  /** Full. */
  readonly storePath: string
  /** Base names, own path included where it refers to itself; sorted. */
  readonly references: readonly string[]
  /** Content address. */
  readonly ca: string
}

/** Whether the store path follows from its content address, its name and its references: then it needs no signature. */
export async function isContentAddressed(path: ContentAddressed): Promise<boolean> {
  const storeDir = path.storePath.slice(0, path.storePath.lastIndexOf('/'))
  const { hash, name } = parseStorePath(path.storePath, storeDir)
  const source = await sourceOf(path, storeDir)
  if (source === undefined) return false
  const digest = await sha256(`${source.type}:sha256:${source.inner}:${storeDir}:${name}`)
  return encodeNix32(fold(digest)) === hash
}

/** What the digest in a store path is of. */
interface Source {
  readonly type: string
  /** Hex. */
  readonly inner: string
}

async function sourceOf({ storePath, references, ca }: ContentAddressed, storeDir: string) {
  const [, method, hashText] = /^(text:|fixed:(?:r:|git:)?)(.*)$/.exec(ca) ?? []
  if (method === undefined || hashText === undefined)
    throw new FormatError('narinfo', 'This is not a content address.')
  const { algorithm, bytes } = parseHash(hashText)
  const paths = references.map((baseName) => `${storeDir}/${baseName}`)
  const others = paths.filter((path) => path !== storePath)
  const refersToItself = others.length < paths.length
  const inner = encodeHex(bytes)
  if (method === 'text:') return refersToItself ? undefined : source(['text', ...others], inner)
  if (method === 'fixed:r:' && algorithm === 'sha256')
    return source(['source', ...others, ...(refersToItself ? ['self'] : [])], inner)
  if (paths.length > 0) return undefined
  const fixed = await sha256(`fixed:out:${method.slice('fixed:'.length)}${algorithm}:${inner}:`)
  return source(['output', 'out'], encodeHex(fixed))
}

function source(type: readonly string[], inner: string): Source {
  return { type: type.join(':'), inner }
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

/** 32 bytes to the 20 of a store hash. */
function fold(digest: Uint8Array): Uint8Array {
  const folded = new Uint8Array(20)
  for (const [i, byte] of digest.entries()) folded[i % 20] = (folded[i % 20] ?? 0) ^ byte
  return folded
}
