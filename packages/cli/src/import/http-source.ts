import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { CliError } from '../cli-error.ts'
import type { NetrcLogin } from '../nix/netrc.ts'
import { wrongAddressReason } from '../service/explain-failure.ts'
import { defaultRetryPolicy, retry } from '../service/retry.ts'
import type { CacheSource } from './cache-source.ts'
import { readText } from './read-text.ts'

/** Milliseconds that a cache may take to begin its answer. */
const longestSilence = 60_000
/** What `fetch` undoes by itself. */
const undone: ReadonlySet<string> = new Set(['gzip', 'x-gzip', 'deflate', 'br', 'zstd'])

interface HttpSourceOptions {
  /** For this server alone, and told to nobody else. */
  readonly login?: NetrcLogin | undefined
  /** Told why something is asked for again. */
  readonly onRetry?: ((failure: Error) => void) | undefined
}

/** A cache behind a web server, which cannot be listed. */
export function openHttpSource(url: URL, { login, onRetry }: HttpSourceOptions = {}): CacheSource {
  const base = new URL(`${url.origin}${url.pathname.replace(/\/*$/, '/')}`)
  let hasAnswered = false
  const ask = async (name: string, signal: AbortSignal) => {
    const response = await askFor(locate(name, base), { base, login, signal })
    hasAnswered = true
    return response
  }
  const persistently = <Result>(signal: AbortSignal, work: () => Promise<Result>) =>
    retry(work, {
      ...defaultRetryPolicy,
      judge: (failure) => (isFinal(failure, hasAnswered) ? false : undefined),
      onRetry: (_attempt, failure) => onRetry?.(failure as Error),
      signal,
    })
  return {
    name: base.href.replace(/\/$/, ''),

    readText: (name, signal) =>
      persistently(signal, async () => {
        const response = await ask(name, signal)
        if (isAbsent(response) || response.body === null) return undefined
        const encoding = response.headers.get('content-encoding')?.toLowerCase() ?? ''
        return await readText({
          body: response.body as AsyncIterable<Uint8Array>,
          encoding: undone.has(encoding) ? '' : encoding,
          name: response.url,
        })
      }),

    fetchNar: (narUrl, target, signal) =>
      persistently(signal, async () => {
        const response = await ask(narUrl, signal)
        if (isAbsent(response) || response.body === null) throw refusal(response)
        await pipeline(response.body as AsyncIterable<Uint8Array>, createWriteStream(target), { signal })
        return target
      }),
  }
}

/** The network, or the server, failed: worth another attempt. */
class PassingFailure extends CliError {}

/** Where nobody has ever answered and the address looks wrong, it is said at once, as of the service itself. */
function isFinal(failure: unknown, hasAnswered: boolean): boolean {
  if (!(failure instanceof PassingFailure)) return failure instanceof CliError
  return !hasAnswered && wrongAddressReason(failure.cause) !== undefined
}

/** Where a file of the cache is. Whatever a narinfo says, there is no login in it. */
function locate(name: string, base: URL): URL {
  const url = new URL(name, base)
  url.username = ''
  url.password = ''
  return url
}

interface Asking {
  readonly base: URL
  readonly login: NetrcLogin | undefined
  readonly signal: AbortSignal
}

/** An answer with the status of success or absence. */
async function askFor(url: URL, { base, login, signal }: Asking): Promise<Response> {
  const known = url.origin === base.origin ? login : undefined
  const response = await begin(url, known && { authorization: basic(known) }, signal)
  if (response.ok || isAbsent(response)) return response
  await response.body?.cancel()
  if (response.status === 401) throw unauthorized(response, known !== undefined)
  throw refusal(response)
}

/** RFC 7617. `fetch` does not take it along when it is redirected to another host. */
function basic({ login, password }: NetrcLogin): string {
  return `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`
}

async function begin(
  url: URL,
  headers: Readonly<Record<string, string>> | undefined,
  signal: AbortSignal,
): Promise<Response> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), longestSilence)
  try {
    return await fetch(url, {
      ...(headers && { headers }),
      signal: AbortSignal.any([signal, silence.signal]),
    })
  } catch (cause) {
    signal.throwIfAborted()
    // Node's `fetch` says no more than that it failed.
    const failure = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
    const reason = wrongAddressReason(failure) ?? String(failure)
    throw new PassingFailure('source', `${url.href} cannot be reached: ${reason}.`, { cause: failure })
  } finally {
    clearTimeout(timer)
  }
}

/** Object stores say 403 of what is not there to those who may not list. */
function isAbsent({ status }: Response): boolean {
  return status === 404 || status === 410 || status === 403
}

function unauthorized({ url }: Response, isKnown: boolean): CliError {
  const reason = isKnown
    ? 'does not take the login that it was given'
    : 'wants a login: put it into netrc (--netrc-file FILE), or write https://USER:PASSWORD@HOST'
  return new CliError('source', `${url} ${reason}.`)
}

function refusal({ url, status }: Response): CliError {
  const isPassing = status === 429 || status >= 500
  return new (isPassing ? PassingFailure : CliError)('source', `${url} answered ${status}.`)
}
