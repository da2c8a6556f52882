import type { BinaryCache } from '@cachix/api'
import { baseNameOf, FormatError, parseBaseName, parsePublicKey } from '@cachix/protocol'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import type { CacheSource } from '../import/cache-source.ts'
import { collectPaths } from '../import/collect-paths.ts'
import { openSource } from '../import/open-source.ts'
import { SourceNars } from '../import/source-nars.ts'
import { withoutCutOff } from '../import/without-cut-off.ts'
import { sortClosure } from '../nix/sort-closure.ts'
import { checkAccess } from '../push/check-access.ts'
import { chooseSigner } from '../push/choose-signer.ts'
import { choicesOf, type SendingOptions } from '../push/push-choices.ts'
import { isComplete, summarize } from '../push/push-summary.ts'
import { pushWithProgress } from '../push/push-with-progress.ts'
import { describeOutcome } from '../terminal/describe-outcome.ts'
import { listenForInterrupt } from '../terminal/interrupt.ts'
import { requireCacheName } from './require-cache-name.ts'
import { requireToken } from './require-token.ts'

interface ImportOptions extends SendingOptions {
  readonly source: string
  /** None: everything, where the source can be listed. */
  readonly paths: readonly string[]
  readonly trustedPublicKey?: readonly string[] | undefined
  /** Logins for web servers; undefined: Nix's file. */
  readonly netrcFile?: string | undefined
  /** False: signatures are not looked at. */
  readonly checkSigs: boolean
}

interface Import {
  readonly context: Context
  readonly options: ImportOptions
  readonly signal: AbortSignal
}

/** `cachix import NAME SOURCE [PATHS…]`. Throws CliError unless all of it is in the cache afterwards. */
export async function importCache(context: Context, options: ImportOptions): Promise<void> {
  requireCacheName(options.cacheName)
  requireToken(context, 'Importing')
  const interrupt = listenForInterrupt()
  try {
    await importPaths({ context, options, signal: interrupt.signal })
  } catch (error) {
    if (error instanceof CliError || !interrupt.signal.aborted) throw error
    throw new CliError('interrupted', 'Interrupted. What is complete stays: run it again for the rest.')
  } finally {
    interrupt.stopListening()
  }
}

async function importPaths(task: Import): Promise<void> {
  const { context, options, signal } = task
  const { cacheName } = options
  const keys = await context.signingKeys(cacheName)
  const cache = await context.client.getCache(cacheName, signal)
  checkAccess(cache)
  const sign = chooseSigner(cache, keys)
  const source = await openSource(options.source, {
    ...options,
    environment: context.environment,
    onRetry: ({ message }) => context.notices.tell(`${message} Trying again.`),
  })
  await requireCache(source, signal)
  const storeHashes = await choosePaths(task, source)
  context.stderr.write(`Looking at ${storeHashes.length} paths of ${source.name}.\n`)
  const findMissing = (hashes: readonly string[]) => context.client.findMissing(cacheName, hashes, signal)
  const { missing, present, absent, useless } = await collectPaths(
    { source, findMissing, signal },
    storeHashes,
  )
  for (const [storeHash, reason] of useless) {
    context.stderr.write(`Failed to import ${storeHash}: ${reason}\n`)
  }
  const { feasible, skipped } = withoutCutOff(sortClosure(missing), useless.keys())
  for (const each of skipped) context.stderr.write(`${describeOutcome(each)}\n`)
  const trustedKeys = options.checkSigs ? trustedKeysOf(cache, options) : undefined
  await using nars = await SourceNars.open({ source, infos: missing, trustedKeys, signal })
  const sending = {
    toPush: feasible,
    present,
    inUpstreams: new Map(),
  }
  const outcomes = await pushWithProgress(
    { context, source: nars, sign, signal },
    choicesOf(options),
    sending,
  )
  const result = {
    outcomes: [...skipped, ...outcomes],
    present,
    rejected: absent.map(() => `not in ${source.name}`),
    unknown: useless.size,
  }
  const line = summarize(result)
  if (signal.aborted) throw new CliError('interrupted', `Interrupted. ${line}`)
  if (!isComplete(result) || absent.length > 0) throw new CliError('push', line)
  context.stderr.write(`${line}\n`)
}

/** So that a mistyped address is not taken for an empty cache. */
async function requireCache(source: CacheSource, signal: AbortSignal): Promise<void> {
  if ((await source.readText('nix-cache-info', signal)) !== undefined) return
  throw new CliError('source', `${source.name} is not a binary cache: it has no nix-cache-info.`)
}

async function choosePaths({ options, signal }: Import, source: CacheSource): Promise<string[]> {
  if (options.paths.length > 0) return options.paths.map(storeHashOf)
  if (source.list !== undefined) return source.list(signal)
  throw new CliError(
    'usage',
    `${source.name} cannot be listed: name the store paths to import. What they need comes along.`,
  )
}

function storeHashOf(text: string): string {
  try {
    return parseBaseName(baseNameOf(text)).hash
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause
    throw new CliError('usage', cause.message, { cause })
  }
}

/** Those that were given, and whom the cache trusts anyway. */
function trustedKeysOf(cache: BinaryCache, { trustedPublicKey = [] }: ImportOptions): string[] {
  for (const key of trustedPublicKey) {
    try {
      parsePublicKey(key)
    } catch (cause) {
      throw new CliError('usage', `"${key}" is not a public key: it must be NAME:BASE64.`, { cause })
    }
  }
  const ofUpstreams = (cache.upstreams ?? []).flatMap(({ publicKeys }) => publicKeys)
  return [...trustedPublicKey, ...cache.publicSigningKeys, ...ofUpstreams]
}
