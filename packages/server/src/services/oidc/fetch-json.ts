import { readBounded } from '../../read-bounded.ts'
import { fetchPublic } from './fetch-public.ts'
import { isHttps, isNamed } from './issuer-url.ts'
import type { IssuerPolicy } from './issuer-url.ts'

const timeoutMs = 5000
const maxBytes = 1024 ** 2

/**
 * The answer to a GET, read to its end: at most 1 MiB, within 5 seconds, not redirected. Whom the operator has not named is
 * asked over https, at public addresses. Throws where it is something else.
 */
export async function fetchBounded(url: string | URL, policy: IssuerPolicy): Promise<Response> {
  const response = await begin(String(url), policy)
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`${String(url)} answered ${response.status}.`)
  }
  const body = await readBounded(response, maxBytes)
  if (body === undefined) throw new Error(`${String(url)} sends more than ${maxBytes} bytes.`)
  return new Response(body, { status: 200 })
}

async function begin(url: string, policy: IssuerPolicy): Promise<Response> {
  const signal = AbortSignal.timeout(timeoutMs)
  if (!isNamed(url, policy)) {
    if (isHttps(url)) return fetchPublic(new URL(url), signal)
    throw new Error(`${url} is not https.`)
  }
  return fetch(url, {
    redirect: 'manual',
    signal,
    headers: { accept: 'application/json' },
  })
}
