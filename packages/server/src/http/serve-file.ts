import { readFile } from '../services/read-file.ts'
import type { FileRequest, ReadableFile } from '../services/read-file.ts'
import { parseRange } from './byte-range.ts'
import { etagMatches } from './etag-matches.ts'
import { textResponse } from './http-error.ts'
import type { HttpDeps } from './http-deps.ts'
import { safeMediaType } from './media-type.ts'
import type { Found } from './substituter.ts'

type File = Extract<ReadableFile, { outcome: 'file' }>

/** `serve/HASH/PATH`: one file out of a store path. */
export async function serveFile(
  deps: HttpDeps,
  request: Request,
  wanted: FileRequest,
): Promise<Found | undefined> {
  const found = await readFile(deps, wanted)
  if (found === undefined) return undefined
  const { isPublic } = found
  if (found.outcome === 'none') return { isPublic, respond: () => textResponse(404, found.reason) }
  return { isPublic, respond: () => fileResponse(request, wanted, found) }
}

/** A store path's contents never change, but it may go. */
function fileResponse(request: Request, { path }: FileRequest, file: File): Response {
  const headers = headersOf(path, file)
  if (etagMatches(request.headers.get('if-none-match'), headers['etag'] ?? ''))
    return new Response(null, { status: 304, headers })
  const header = request.method === 'GET' ? request.headers.get('range') : null
  const range = parseRange(header, file.size)
  if (range === 'unsatisfiable') {
    return textResponse(416, `This file has ${file.size} bytes.`, { 'content-range': `bytes */${file.size}` })
  }
  const { start, end } = range === 'whole' ? { start: 0, end: file.size } : range
  if (range !== 'whole') headers['content-range'] = `bytes ${start}-${end - 1}/${file.size}`
  if (request.method === 'HEAD') headers['content-length'] = String(file.size)
  const body = request.method === 'HEAD' ? null : ReadableStream.from(file.read(start, end))
  return new Response(body, { status: range === 'whole' ? 200 : 206, headers })
}

function headersOf(path: string, { isPublic, narHash }: File): Record<string, string> {
  return {
    'content-type': safeMediaType(path),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'accept-ranges': 'bytes',
    'cache-control': `${isPublic ? 'public' : 'private'}, max-age=3600`,
    etag: `"${narHash.slice('sha256:'.length)}"`,
  }
}
