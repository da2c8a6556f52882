import type { NewSignatures, UnsignedPath } from '@cachix/api'
import { baseNameOf, fingerprint, parseBaseName, sign, type SecretKey } from '@cachix/protocol'
import pLimit from 'p-limit'
import type { KeyCalls } from '../service/key-calls.ts'
import { Vouching } from './vouching.ts'

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

/** Enough to keep the runtime's threads busy. */
const signedAtOnce = 16

async function signOnce(deps: SignDeps, key: SecretKey, before: number): Promise<SignedCounts> {
  const { calls, progress, signal } = deps
  const counts = { signed: 0, untrusted: 0, refused: 0 }
  const vouching = new Vouching(deps.trusted)
  const limit = pLimit(signedAtOnce)

  async function add(signatures: readonly NewSignature[]): Promise<void> {
    if (signatures.length === 0) return
    const outcomes = await calls.addSignatures({ key: key.name, signatures: [...signatures] }, signal)
    counts.signed += outcomes.filter((outcome) => outcome === 'added').length
    counts.refused += outcomes.filter((outcome) => outcome === 'bad-signature').length
    progress(before + counts.signed)
  }

  // While the service checks one page, the next is signed.
  let adding = Promise.resolve()
  try {
    for (let after = ''; ;) {
      const paths = await calls.unsigned({ key: key.name, after }, signal)
      const last = paths.at(-1)
      if (last === undefined) break
      after = storeHashOf(last)
      const work = paths.map((path) => limit(() => signPath(vouching, key, path)))
      const signatures = (await Promise.all(work)).flat()
      counts.untrusted += paths.length - signatures.length
      await adding
      adding = add(signatures)
      // It is waited for in the next round, or below: until then nobody else looks at how it ends.
      adding.catch(() => undefined)
    }
  } finally {
    await adding
  }
  return counts
}

type NewSignature = NewSignatures['signatures'][number]

/** Nothing if no trusted key vouches for the path. */
async function signPath(vouching: Vouching, key: SecretKey, path: UnsignedPath): Promise<NewSignature[]> {
  const text = fingerprint(path)
  if (!(await vouching.holds(path.signatures, text))) return []
  const signature = await sign(key, text)
  return [{ storeHash: storeHashOf(path), sig: signature.slice(key.name.length + 1) }]
}

function storeHashOf({ storePath }: UnsignedPath): string {
  return parseBaseName(baseNameOf(storePath)).hash
}
