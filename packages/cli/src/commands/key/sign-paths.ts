import type { CacheKey } from '@cachix/api'
import type { SecretKey } from '@cachix/protocol'
import { parsePublicKey } from '@cachix/protocol'
import { CliError } from '../../cli-error.ts'
import { readConfig } from '../../config/config-file.ts'
import { savedKeys } from '../../config/signing-key.ts'
import type { Context } from '../../context.ts'
import { KeyCalls } from '../../service/key-calls.ts'
import { signAnew, signByService, type SignedCounts } from '../../sign/sign-anew.ts'
import { listenForInterrupt } from '../../terminal/interrupt.ts'
import { requireCacheName } from '../require-cache-name.ts'
import { requireToken } from '../require-token.ts'

interface SignOptions {
  readonly name: string
  /** The name of one key, or `name:base64`; undefined: every active one that is at hand. */
  readonly key?: string | undefined
  /** Keys whose signatures vouch for a path, beside those at hand. */
  readonly trustedPublicKey?: readonly string[] | undefined
}

/** `cachix key sign NAME`. Throws CliError unless every path has a signature by the keys afterwards. */
export async function signPaths(context: Context, options: SignOptions): Promise<void> {
  const { name } = options
  requireCacheName(name)
  requireToken(context, 'Signing')
  const calls = new KeyCalls(context.client, name)
  const keys = choose(await calls.list(), options)
  const secrets = await context.signingKeys(name)
  const trusted = await trustedKeys(context, options, secrets)
  const interrupt = listenForInterrupt()
  try {
    const lines: SignedLine[] = []
    for (const key of keys) {
      const secret = secrets.find(
        ({ publicKey }) => Buffer.from(publicKey).toString('base64') === key.publicKey,
      )
      if (secret === undefined && !key.isManaged) continue
      const progress = (signed: number) =>
        context.stderr.write(`Signed ${signed} of ${key.unsignedPaths} paths with ${key.name}.\n`)
      const deps = { calls, trusted, progress, signal: interrupt.signal }
      const counts = secret ? await signAnew(deps, { ...secret, name: key.name }) : await signByService(deps)
      lines.push(conclude(context, key, counts))
    }
    if (lines.length === 0) throw noKey(name)
    const failed = lines.filter(({ isComplete }) => !isComplete)
    if (failed.length > 0) throw new CliError('push', `Not every path is signed.${hintOf(failed)}`)
  } catch (error) {
    if (!interrupt.signal.aborted) throw error
    throw new CliError('interrupted', 'Interrupted. What was signed is signed: run it again for the rest.')
  } finally {
    interrupt.stopListening()
  }
}

function choose(keys: readonly CacheKey[], { name, key }: SignOptions): readonly CacheKey[] {
  const active = keys.filter(({ state }) => state === 'active')
  if (key === undefined) return active
  const [keyName] = key.split(':')
  const chosen = active.filter((each) => each.name === keyName)
  if (chosen.length > 0) return chosen
  throw new CliError(
    'usage',
    `Cache ${name} has no active key named ${keyName}: \`cachix key list ${name}\` shows them.`,
  )
}

/** What a holder of keys has signed before, or says to trust: a service could otherwise have them sign anything. */
async function trustedKeys(
  { configPath }: Context,
  { name, trustedPublicKey = [] }: SignOptions,
  secrets: readonly SecretKey[],
): Promise<readonly Uint8Array[]> {
  const saved = await savedKeys(name, await readConfig(configPath))
  return [...secrets, ...saved].map(({ publicKey }) => publicKey).concat(trustedPublicKey.map(publicBytes))
}

function publicBytes(text: string): Uint8Array {
  try {
    return parsePublicKey(text).bytes
  } catch (cause) {
    throw new CliError('usage', `"${text}" is not a public key: it must be NAME:BASE64.`, { cause })
  }
}

interface SignedLine {
  readonly isComplete: boolean
  readonly isUntrusted: boolean
}

function conclude({ stderr }: Context, { name }: CacheKey, counts: SignedCounts): SignedLine {
  stderr.write(
    `${name}: signed ${counts.signed}, ${counts.untrusted} not trusted, ${counts.refused} refused by the service.\n`,
  )
  return { isComplete: counts.untrusted + counts.refused === 0, isUntrusted: counts.untrusted > 0 }
}

function hintOf(lines: readonly SignedLine[]): string {
  if (!lines.some(({ isUntrusted }) => isUntrusted)) return ''
  return ' A path is signed only if a key at hand, or one given with --trusted-public-key, has signed it before.'
}

function noKey(name: string): CliError {
  return new CliError(
    'credentials',
    `No active signing key of ${name} is at hand. Set CACHIX_SIGNING_KEY to one, or make one with \`cachix key add ${name}\`.`,
  )
}
