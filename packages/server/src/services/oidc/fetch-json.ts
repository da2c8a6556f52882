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
  return new Response(await readBounded(response), { status: 200 })
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

async function readBounded(response: Response): Promise<Buffer<ArrayBuffer>> {
  const blocks: Uint8Array[] = []
  let size = 0
  for await (const block of response.body ?? []) {
    size += block.length
    if (size > maxBytes) throw new Error(`${response.url} sends more than ${maxBytes} bytes.`)
    blocks.push(block)
  }
  return Buffer.concat(blocks)
}
