import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { CliError } from '../cli-error.ts'
import { defaultRetryPolicy, retry } from '../service/retry.ts'
import type { CacheSource } from './cache-source.ts'

/** Milliseconds that a cache may take to begin its answer. */
const patience = 60_000
/** Characters; that of a path with a thousand references has a tenth of this. */
const maxText = 1024 ** 2

/** A cache behind a web server, which cannot be listed. */
export function openHttpSource(url: URL): CacheSource {
  const base = new URL(`${url.origin}${url.pathname.replace(/\/*$/, '/')}`)
  return {
    name: base.href.replace(/\/$/, ''),

    readText: (name, signal) =>
      persistently(signal, async () => {
        const response = await ask(new URL(name, base), signal)
        if (isAbsent(response)) return undefined
        const text = await response.text()
        if (text.length > maxText) throw new CliError('source', `${response.url} is too long.`)
        return text
      }),

    fetchNar: (narUrl, target, signal) =>
      persistently(signal, async () => {
        const response = await ask(new URL(narUrl, base), signal)
        if (isAbsent(response) || response.body === null) throw refusal(response)
        await pipeline(response.body as AsyncIterable<Uint8Array>, createWriteStream(target), { signal })
        return target
      }),
  }
}

/** The network, or the server, failed: worth another attempt. */
class PassingFailure extends CliError {}

function persistently<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  return retry(work, {
    ...defaultRetryPolicy,
    judge: (failure) =>
      failure instanceof CliError && !(failure instanceof PassingFailure) ? false : undefined,
    signal,
  })
}

/** An answer with the status of success or absence. */
async function ask(url: URL, signal: AbortSignal): Promise<Response> {
  const response = await begin(url, signal)
  if (response.ok || isAbsent(response)) return response
  await response.body?.cancel()
  throw refusal(response)
}

async function begin(url: URL, signal: AbortSignal): Promise<Response> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), patience)
  try {
    return await fetch(url, { signal: AbortSignal.any([signal, silence.signal]) })
  } catch (cause) {
    signal.throwIfAborted()
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
    throw new PassingFailure('source', `${url.href} cannot be reached: ${String(reason)}`, { cause })
  } finally {
    clearTimeout(timer)
  }
}

/** Object stores say 403 of what is not there to those who may not list. */
function isAbsent({ status }: Response): boolean {
  return status === 404 || status === 410 || status === 403
}

function refusal({ url, status }: Response): CliError {
  const isPassing = status === 429 || status >= 500
  return new (isPassing ? PassingFailure : CliError)('source', `${url} answered ${status}.`)
}
