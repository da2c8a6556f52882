import type { UnsignedPath } from '@cachix/api'
import {
  baseNameOf,
  fingerprint,
  isSignature,
  parseBaseName,
  parseSignature,
  sign,
  verify,
  type SecretKey,
} from '@cachix/protocol'
import type { KeyCalls } from '../service/key-calls.ts'

interface SignDeps {
  readonly calls: KeyCalls
  /** 32 bytes each: keys whose signatures vouch for a path. */
  readonly trusted: readonly Uint8Array[]
  /** Told how many paths have been signed so far. */
  readonly progress: (signed: number) => void
  readonly signal: AbortSignal
}

/** What became of the paths. */
export interface SignedCounts {
  readonly signed: number
  /** No trusted key has signed them. */
  readonly untrusted: number
  readonly refused: number
}

/**
 * Signs all paths of a cache that lack a signature by this key, a page at a time. What is signed stays when it is
 * interrupted. Only what a trusted key has signed before is signed: the service must not be able to have anything signed
 * that it likes. Throws ServiceError.
 */
export async function signAnew(deps: SignDeps, key: SecretKey): Promise<SignedCounts> {
  let counts = await signOnce(deps, key, 0)
  // What others pushed meanwhile, until nothing more can be done.
  for (let last = counts.signed; last > 0;) {
    const more = await signOnce(deps, key, counts.signed)
    last = more.signed
    counts = { ...more, signed: counts.signed + more.signed }
  }
  return counts
}

/** Has the service sign with the keys it keeps what they have not signed. Throws ServiceError. */
export async function signByService({ calls, progress, signal }: SignDeps): Promise<SignedCounts> {
  let signed = 0
  for (let after: string | null = ''; after !== null;) {
    const page = await calls.sign(after, signal)
    signed += page.signed
    after = page.next
    progress(signed)
  }
  return { signed, untrusted: 0, refused: 0 }
}

async function signOnce(deps: SignDeps, key: SecretKey, before: number): Promise<SignedCounts> {
  const { calls, progress, signal } = deps
  const counts = { signed: 0, untrusted: 0, refused: 0 }
  for (let after = ''; ;) {
    const paths = await calls.unsigned({ key: key.name, after }, signal)
    const last = paths.at(-1)
    if (last === undefined) return counts
    after = storeHashOf(last)
    const signatures = (await Promise.all(paths.map((path) => signPath(deps, key, path)))).flat()
    counts.untrusted += paths.length - signatures.length
    if (signatures.length === 0) continue
    const outcomes = await calls.addSignatures({ key: key.name, signatures }, signal)
    counts.signed += outcomes.filter((outcome) => outcome === 'added').length
    counts.refused += outcomes.filter((outcome) => outcome === 'bad-signature').length
    progress(before + counts.signed)
  }
}

/** Nothing if no trusted key vouches for the path. */
async function signPath(
  { trusted }: SignDeps,
  key: SecretKey,
  path: UnsignedPath,
): Promise<{ storeHash: string; sig: string }[]> {
  const text = fingerprint(path)
  if (!(await isVouchedFor(trusted, path, text))) return []
  const signature = await sign(key, text)
  return [{ storeHash: storeHashOf(path), sig: signature.slice(key.name.length + 1) }]
}

async function isVouchedFor(
  trusted: readonly Uint8Array[],
  { signatures }: UnsignedPath,
  text: string,
): Promise<boolean> {
  for (const signature of signatures.filter(isSignature)) {
    const { keyName } = parseSignature(signature)
    for (const bytes of trusted) {
      if (await verify({ name: keyName, bytes }, text, signature)) return true
    }
  }
  return false
}

function storeHashOf({ storePath }: UnsignedPath): string {
  return parseBaseName(baseNameOf(storePath)).hash
}
