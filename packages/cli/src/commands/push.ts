import type { BinaryCache } from '@cachix/api'
import { baseNameOf } from '@cachix/protocol'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { openStore } from '../nix/open-store.ts'
import type { PathInfo, StoreReader } from '../nix/store-reader.ts'
import { checkAccess } from '../push/check-access.ts'
import { chooseSigner, type Signer } from '../push/choose-signer.ts'
import { localNars } from '../push/nar-source.ts'
import { planPush } from '../push/plan-push.ts'
import { choicesOf, type SendingOptions } from '../push/push-choices.ts'
import { pushWithProgress } from '../push/push-with-progress.ts'
import { isComplete, summarize, type PushResult } from '../push/push-summary.ts'
import { readInputs } from '../push/read-inputs.ts'
import { resolveInputs } from '../push/resolve-inputs.ts'
import { setUpstreamAside } from '../push/set-upstream-aside.ts'
import { UpstreamCalls } from '../service/upstream-calls.ts'
import { listenForInterrupt } from '../terminal/interrupt.ts'
import { requireCacheName } from './require-cache-name.ts'
import { requireToken } from './require-token.ts'

interface PushOptions extends SendingOptions {
  readonly cacheName: string
  /** None: they are read from standard input. */
  readonly paths: readonly string[]
  readonly compressionMethod?: string | undefined
  readonly allowEmpty?: boolean | undefined
  /** Also store what an upstream has signed. */
  readonly includeUpstream?: boolean | undefined
}

/** `cachix push NAME [PATHS…]`. Throws CliError unless all that is valid, and something at all, is in the cache afterwards. */
export async function push(context: Context, options: PushOptions): Promise<void> {
  requireCacheName(options.cacheName)
  requireToken(context, 'Pushing')
  checkMethod(context, options.compressionMethod)
  const interrupt = listenForInterrupt()
  try {
    await pushInputs({ context, options, signal: interrupt.signal })
  } catch (error) {
    if (error instanceof CliError || !interrupt.signal.aborted) throw error
    throw new CliError('interrupted', 'Interrupted. Nothing was pushed.')
  } finally {
    interrupt.stopListening()
  }
}

interface Push {
  readonly context: Context
  readonly options: PushOptions
  readonly signal: AbortSignal
}

async function pushInputs(push: Push): Promise<void> {
  const { context, options, signal } = push
  const opened = await openCache(push)
  const inputs = await readInputs(options.paths, context.stdin, signal)
  const store = await openStore(context.environment)
  try {
    const { storePaths, rejected } = await resolveInputs(inputs, store)
    for (const { input, reason } of rejected) context.stderr.write(`Skipped ${input}: it ${reason}.\n`)
    if (storePaths.length === 0) return endEmpty(push, rejected.length)
    const result = await pushStorePaths({ ...push, ...opened, store }, storePaths)
    end(push, { ...result, rejected: rejected.map(({ reason }) => reason) })
  } finally {
    await store.close()
  }
}

interface OpenCache {
  readonly cache: BinaryCache
  readonly sign: Signer
}

/** Asks the service, before anything is sent, whether a push by this token with this key can succeed. */
async function openCache({ context, options: { cacheName }, signal }: Push): Promise<OpenCache> {
  const keys = await context.signingKeys(cacheName)
  const cache = await context.client.getCache(cacheName, signal)
  checkAccess(cache)
  return { cache, sign: chooseSigner(cache, keys) }
}

interface OpenPush extends Push, OpenCache {
  readonly store: StoreReader
}

async function pushStorePaths(
  push: OpenPush,
  storePaths: readonly string[],
): Promise<Omit<PushResult, 'rejected'>> {
  const { context, options, signal, store, cache } = push
  const { cacheName } = options
  const findMissing = (hashes: readonly string[]) => context.client.findMissing(cacheName, hashes, signal)
  const { missing, present } = await planPush({ store, findMissing }, storePaths)
  const upstreams = options.includeUpstream === true ? [] : (cache.upstreams ?? [])
  const calls = new UpstreamCalls(context.client, cacheName)
  const record = (paths: readonly PathInfo[]) => calls.record(paths.map(claimOf), signal)
  const { toPush, inUpstreams } = await setUpstreamAside({ upstreams, record }, missing)
  const sending = { toPush, present, inUpstreams }
  const outcomes = await pushWithProgress({ ...push, source: localNars(store) }, choicesOf(options), sending)
  return { outcomes, present, inUpstreams }
}

/** What the service is told of a path that an upstream has. */
function claimOf({ storePath, narHash, narSize, references, signatures }: PathInfo) {
  return {
    storePath: baseNameOf(storePath),
    narHash,
    narSize,
    references: [...references],
    signatures: [...signatures],
  }
}

function endEmpty({ context, options }: Push, rejected: number): void {
  const why =
    rejected > 0 ? 'none of what was named is a valid store path' : 'no store paths came from standard input'
  const line = `Nothing to push: ${why}.`
  if (options.allowEmpty !== true) throw new CliError('push', `${line} (--allow-empty accepts that.)`)
  context.stderr.write(`${line}\n`)
}

function end({ context, signal }: Push, result: PushResult): void {
  const line = summarize(result)
  if (signal.aborted) throw new CliError('interrupted', `Interrupted. ${line}`)
  if (!isComplete(result)) throw new CliError('push', line)
  context.stderr.write(`${line}\n`)
}

function checkMethod({ stderr }: Context, method: string | undefined): void {
  if (method === undefined || method.toLowerCase() === 'zstd') return
  if (method.toLowerCase() !== 'xz') {
    throw new CliError('usage', `"${method}" is not a compression method of this program: it uses zstd.`)
  }
  stderr.write('Warning: zstd is used in place of xz: it is faster, and the only method here.\n')
}
