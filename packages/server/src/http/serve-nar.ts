import { parseNarFile } from '../services/nar-file-name.ts'
import { readNar } from '../services/read-nar.ts'
import type { NarBytes, ReadableNar } from '../services/read-nar.ts'
import { readUploadedNar } from '../services/read-uploaded-nar.ts'
import type { ReadableUpload } from '../services/read-uploaded-nar.ts'
import type { Runtime, ResponseBody } from '../runtime/runtime.ts'
import { parseRange } from './byte-range.ts'
import { etagMatches } from './etag-matches.ts'
import type { HttpDeps } from './http-deps.ts'
import { textResponse } from './http-error.ts'
import type { Found } from './substituter.ts'

/** `nar/FILE`. A name is that of one file for ever, so a client may continue tomorrow what it began today. */
export async function serveNar(
  deps: HttpDeps,
  request: Request,
  { cacheName, fileName }: { readonly cacheName: string; readonly fileName: string },
): Promise<Found | undefined> {
  const file = parseNarFile(fileName)
  if (file === undefined) return undefined
  const { fileHash, extension } = file
  const published = extension === '.zst' ? await readNar(deps, { cacheName, fileHash }) : undefined
  const nar = published ?? (await readUploadedNar(deps, { cacheName, fileHash }))
  return nar && found(nar, () => narResponse(deps.runtime, request, { nar, etag: `"${fileHash}"` }))
}

/** What is not published yet is there for those who may publish it. */
function found(nar: ReadableNar | ReadableUpload, respond: () => Promise<Response>): Found {
  if (!('isServed' in nar) || nar.isServed) return { isPublic: nar.isPublic, respond }
  return { isPublic: false, needed: 'Write', respond }
}

interface TaggedNar {
  readonly nar: ReadableNar
  readonly etag: string
}

async function narResponse(runtime: Runtime, request: Request, { nar, etag }: TaggedNar): Promise<Response> {
  const headers = narHeaders(nar, etag)
  if (etagMatches(request.headers.get('if-none-match'), etag))
    return new Response(null, { status: 304, headers })
  const size = nar.fileSize
  // RFC 9110 defines ranges for GET alone.
  const header = request.method === 'GET' ? request.headers.get('range') : null
  const range = parseRange(header, size)
  if (range === 'unsatisfiable') {
    return textResponse(416, `This file has ${size} bytes.`, { 'content-range': `bytes */${size}` })
  }
  const { start, end } = range === 'whole' ? { start: 0, end: size } : range
  headers['content-length'] = String(end - start)
  // Also where the range is ignored: there it means nothing, but without it Bun would read the range in its own way.
  if (header !== null) headers['content-range'] = `bytes ${start}-${end - 1}/${size}`
  if (request.method === 'HEAD') {
    // Only opening its packs tells that they are not there any more.
    await nar.check()
    return new Response(null, { headers })
  }
  const body = bodyOf(runtime, await nar.read(start, end))
  return new Response(body, { status: range === 'whole' ? 200 : 206, headers })
}

function narHeaders({ isPublic }: ReadableNar, etag: string): Record<string, string> {
  return {
    'content-type': 'application/x-nix-nar',
    'accept-ranges': 'bytes',
    'cache-control': `${isPublic ? 'public' : 'private'}, max-age=31536000, immutable`,
    etag,
    // Bun would put the name of the file on this machine here.
    'content-disposition': 'attachment',
  }
}

/**
 * A stream fails rather than end early, which cuts the connection. On Bun it leaves without its length, which is why it
 * is the last resort.
 */
function bodyOf(runtime: Runtime, bytes: NarBytes): ResponseBody {
  if (bytes.kind === 'file') return runtime.fileBody(bytes.path, bytes.start, bytes.end)
  return bytes.kind === 'bytes' ? bytes.bytes : ReadableStream.from(bytes.blocks)
}
