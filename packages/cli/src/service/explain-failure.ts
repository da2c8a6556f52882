import { STATUS_CODES } from 'node:http'
import type { Answer } from './exchange.ts'
import { ConnectionError } from './exchange.ts'
import { ServiceError } from './service-error.ts'

const longestRetryAfter = 120_000
const longestMessage = 2000
/** Server errors another attempt cannot change: not implemented, disk full. */
const finalServerErrors: ReadonlySet<number> = new Set([501, 507])
/** What the runtimes say where the name or the port is wrong, rather than the network bad for a moment. */
const wrongAddressCodes: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'ECONNREFUSED',
  'ConnectionRefused',
  'FailedToOpenSocket',
])

/** Milliseconds the service asked for, undefined for "soon", false for "never". */
export function isWorthRetrying(failure: unknown, connected: boolean): number | undefined | false {
  if (!(failure instanceof ServiceError)) return false
  const { status, cause, retryAfter } = failure
  if (status !== undefined) return isPassing(status) ? retryAfter : false
  // Where nothing ever listened the address is likely wrong: say so at once. Later, the service is likely restarting.
  return cause instanceof ConnectionError && (connected || !isWrongAddress(cause)) ? undefined : false
}

/** The host or the port does not exist, so nothing was sent. */
export function isWrongAddress(error: unknown): boolean {
  return error instanceof ConnectionError && wrongAddressReason(error.cause) !== undefined
}

/** What is wrong with an address, in words, given the runtime's own error; undefined where the network is to blame. */
export function wrongAddressReason(error: unknown): string | undefined {
  const code = codeOf(error)
  if (!wrongAddressCodes.has(code)) return undefined
  return code === 'ENOTFOUND' ? 'there is no such host' : 'nothing listens there'
}

function isPassing(status: number): boolean {
  return status === 429 || (status >= 500 && !finalServerErrors.has(status))
}

/** A ServiceError for what the network did; anything else (an abort, a body that failed) is passed through. */
export function explainUnreachable(host: string, error: unknown): unknown {
  if (!(error instanceof ConnectionError)) return error
  const reason = wrongAddressReason(error.cause) ?? error.message
  return new ServiceError(
    `Cannot reach ${host}: ${reason}. Is the service running, and is this its address? (--host, CACHIX_HOST or \`cachix config set hostname URI\` change it.)`,
    { cause: error },
  )
}

/** The service's own words where it sent plain text, else what the status means. */
export function explainRefusal(host: string, answer: Answer): ServiceError {
  const { status, headers } = answer
  const location = headers.location
  const message =
    status >= 300 && status < 400
      ? `${host} redirects to ${printable(location ?? 'nowhere')}. Use that address: cachix config set hostname URI.`
      : (plainText(answer) ?? `${host} answered ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd() + '.')
  return new ServiceError(message, { status, retryAfter: retryAfter(answer) })
}

/** For an answer that is no refusal, and has not the shape that the API gives it. */
export function shapeError(host: string, cause: unknown): ServiceError {
  return new ServiceError(
    `${host} answers, but not as a Cachix service does. Is it the right address? (--host, CACHIX_HOST or \`cachix config set hostname URI\` change it.)`,
    { cause },
  )
}

function plainText({ headers, text }: Answer): string | undefined {
  const type = headers['content-type'] ?? 'text/plain'
  const message = printable(text).trim()
  return type.startsWith('text/plain') && message !== '' ? message.slice(0, longestMessage) : undefined
}

/** Without control characters: whatever a service sends must not be able to steer the user's terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{C}\n]/gu, '')
}

/** RFC 9110 section 10.2.3: seconds or a date. */
function retryAfter({ headers }: Answer): number | undefined {
  const text = headers['retry-after']
  if (text === undefined) return undefined
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return wait > 0 ? Math.min(wait, longestRetryAfter) : undefined
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
