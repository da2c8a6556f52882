import type { BinaryCache } from '@cachix/api'
import {
  baseNameOf,
  fingerprint,
  isSignature,
  parsePublicKey,
  parseSignature,
  verify,
} from '@cachix/protocol'
import type { PathInfo } from '../nix/store-reader.ts'

/** What of a push need not be sent because an upstream of the cache has it. */
export interface UpstreamSplit {
  /** Dependencies first. */
  readonly toPush: readonly PathInfo[]
  /** How many paths each upstream has, by its host. */
  readonly inUpstreams: ReadonlyMap<string, number>
}

export interface UpstreamDeps {
  readonly upstreams: NonNullable<BinaryCache['upstreams']>
  /** Tells the service, which answers whether each has been proved to be in an upstream. */
  readonly record: (paths: readonly PathInfo[]) => Promise<readonly boolean[]>
}

/** How many the service is told of at once. */
const pathsAtOnce = 1000

/**
 * Sets aside the paths that an upstream has signed. Those among them that others refer to are told to the service, which
 * otherwise would not publish the others; what it does not take for the upstream's is pushed after all.
 */
export async function setUpstreamAside(
  { upstreams, record }: UpstreamDeps,
  missing: readonly PathInfo[],
): Promise<UpstreamSplit> {
  const aside = new Map<string, { readonly info: PathInfo; readonly host: string }>()
  for (const info of missing) {
    const upstream = await signerOf(upstreams, info)
    if (upstream !== undefined) aside.set(baseNameOf(info.storePath), { info, host: new URL(upstream).host })
  }
  const told = new Set<string>()
  for (;;) {
    const toPush = missing.filter((info) => !aside.has(baseNameOf(info.storePath)))
    const needed = new Set(toPush.flatMap(({ references }) => references))
    const untold = [...needed].filter((name) => aside.has(name) && !told.has(name))
    if (untold.length === 0) return { toPush, inUpstreams: count(aside.values()) }
    // The service is told a thousand at a time, and what it does not know is looked at again in the next round.
    const names = untold.slice(0, pathsAtOnce)
    const known = await record(names.flatMap((name) => aside.get(name)?.info ?? []))
    for (const [i, name] of names.entries()) {
      told.add(name)
      if (known[i] !== true) aside.delete(name)
    }
  }
}

/** The address of the upstream that has signed the path. */
async function signerOf(upstreams: UpstreamDeps['upstreams'], info: PathInfo): Promise<string | undefined> {
  const signatures = info.signatures.filter(isSignature)
  for (const { url, publicKeys } of upstreams) {
    for (const signature of signatures) {
      const { keyName } = parseSignature(signature)
      const key = publicKeys.find((each) => each.startsWith(`${keyName}:`))
      if (key !== undefined && (await verify(parsePublicKey(key), fingerprint(info), signature))) return url
    }
  }
  return undefined
}

function count(aside: Iterable<{ readonly host: string }>): ReadonlyMap<string, number> {
  const byHost = Map.groupBy(aside, ({ host }) => host)
  return new Map(Array.from(byHost, ([host, { length }]) => [host, length]))
}
