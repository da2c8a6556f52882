import { CacheError } from '../cache-error.ts'
import type { CacheErrorCode } from '../cache-error.ts'

/**
 * The only place where a failure gets its status. Nix takes 404 and 410 for absence and goes on without the cache; it
 * retries 5xx and then fails the whole build. `cachix` and the genuine client retry 5xx but for 507, and print the text
 * of a 401 (a 403 they do not understand).
 */
const statusOf = {
  'bad-request': 400,
  'invalid-name': 400,
  'name-taken': 409,
  'key-exists': 409,
  'not-authorized': 401,
  'not-found': 404,
  'too-large': 413,
  'length-required': 411,
  unsupported: 415,
  'invalid-nar': 422,
  'hash-mismatch': 422,
  'missing-references': 409,
  'missing-chunks': 409,
  'bad-signature': 422,
  conflict: 409,
  // The client hears this only if it is still there: what it sent was cut on the way, or shorter than it said.
  truncated: 400,
  'timed-out': 408,
  'disk-full': 507,
  // Gone: asking again does not help until the path is pushed again, and Nix can take it from elsewhere or build it.
  damaged: 410,
  unavailable: 503,
  // Nix up to 2.33 repeats a PUT that was answered with 5xx without its body, and then waits for ever.
  'put-failed': 400,
} as const satisfies Record<CacheErrorCode, number>

/** The answer to a request that failed. Anything but a `CacheError` is told as no more than the id of its log line. */
export function errorResponse(error: unknown, requestId: string): Response {
  if (error instanceof CacheError)
    return textResponse(statusOf[error.code], onOneLine(error.message), extraHeaders[error.code])
  return textResponse(
    500,
    `Something went wrong in the service. Its log has more about request ${requestId}.`,
  )
}

/** Messages quote what was sent, and it must not steer a terminal, or turn the direction of what is read there. */
function onOneLine(message: string): string {
  return message.replaceAll(/\p{C}+/gu, ' ')
}

/** Whether the service, and not the sender of the request, has to do something about it. */
export function isOurFault(error: unknown): boolean {
  if (!(error instanceof CacheError)) return true
  return isServerError(error) || error.code === 'damaged' || error.code === 'put-failed'
}

/** Whether the answer would be a 5xx. */
export function isServerError(error: unknown): boolean {
  return !(error instanceof CacheError) || statusOf[error.code] >= 500
}

/** One sentence, not to be kept by anybody on the way. */
export function textResponse(status: number, sentence: string, headers?: Record<string, string>): Response {
  return new Response(`${sentence}\n`, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers },
  })
}

const extraHeaders: Partial<Record<CacheErrorCode, Record<string, string>>> = {
  'not-authorized': { 'www-authenticate': 'Basic realm="cachix"' },
  // What is left of the body is not waited for.
  'timed-out': { connection: 'close' },
  // Seconds.
  unavailable: { 'retry-after': '5' },
}
