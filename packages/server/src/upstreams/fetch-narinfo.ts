import { readBounded } from '../read-bounded.ts'

/** Bytes; that of a path with a thousand references has half of this. */
const maxBytes = 128 * 1024
const maxRedirects = 3

export interface NarinfoFetch {
  readonly url: string
  /** Whether a redirect may lead to this origin. */
  readonly isAllowed: (origin: string) => boolean
  readonly signal: AbortSignal
}

/** The server is there and cannot answer now. */
export class UpstreamRefusal extends Error {
  override readonly name = 'UpstreamRefusal'
}

/**
 * The text behind an address, or undefined where the answer is none: 404 and the like, too long, or redirected too often or
 * to where nobody may be asked. Throws if the server does not answer, and `UpstreamRefusal` if it says that it cannot.
 */
export async function fetchNarinfo({ url, isAllowed, signal }: NarinfoFetch): Promise<string | undefined> {
  let next = new URL(url)
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const response = await fetch(next, {
      redirect: 'manual',
      credentials: 'omit',
      headers: { accept: 'text/x-nix-narinfo' },
      signal,
    })
    // Also of what is no narinfo: a body that was read to its end leaves a connection that can be used again.
    const text = (await readBounded(response, maxBytes))?.toString()
    if (isPassing(response.status)) throw new UpstreamRefusal(`${next.href} answered ${response.status}.`)
    if (response.status === 200) return text
    const target = redirectTarget(response, next)
    if (target === undefined || !isAllowed(target.origin)) return undefined
    next = target
  }
  return undefined
}

/** The same question may get another answer soon. */
function isPassing(status: number): boolean {
  return status >= 500 || status === 429 || status === 408
}

function redirectTarget({ status, headers }: Response, from: URL): URL | undefined {
  const location = headers.get('location')
  if (status < 300 || status > 399 || location === null || !URL.canParse(location, from.href))
    return undefined
  const target = new URL(location, from)
  return target.username === '' && target.password === '' ? target : undefined
}
