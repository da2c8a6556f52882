/** A small answer to GET or HEAD that may change: nobody keeps it without asking again. */
export function sizedResponse(
  request: Request,
  { bytes, type }: { readonly bytes: Uint8Array; readonly type: string },
): Response {
  return new Response(request.method === 'HEAD' ? null : new Uint8Array(bytes), {
    headers: { 'content-type': type, 'content-length': String(bytes.length), 'cache-control': 'no-cache' },
  })
}
