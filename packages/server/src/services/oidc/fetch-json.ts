const timeoutMs = 5000
const maxBytes = 1024 ** 2

/** The answer to a GET, read to its end: at most 1 MiB, within 5 seconds, not redirected. Throws where it is something else. */
export async function fetchBounded(url: string | URL): Promise<Response> {
  const response = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: 'application/json' },
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`${String(url)} answered ${response.status}.`)
  }
  return new Response(await readBounded(response), { status: 200 })
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
