import { CacheError } from '../cache-error.ts'
import type { Cache, PublishedPath } from '../database/cache-database.ts'
import type { Upload } from '../database/upload-table.ts'
import { parseNarinfoPublication } from './parse-narinfo.ts'
import type { NarinfoPublication } from './parse-narinfo.ts'
import { failureOf, signPath } from './publication-steps.ts'
import { readCacheKeys } from './signature-of.ts'
import { publishUpload, requireUpload } from './publish-upload.ts'
import type { PublishPathDeps } from './publish-upload.ts'

export interface NarinfoRequest {
  readonly cache: Cache
  /** Under whose name the narinfo was sent. */
  readonly storeHash: string
  readonly text: string
  /** Aborted when nobody waits for the answer. */
  readonly signal: AbortSignal
}

/**
 * How long Nix keeps a narinfo without asking again (`narinfo-cache-positive-ttl`), also one that it has sent itself: so long
 * the file has to be there under the URL in it.
 */
const narinfoLifetimeMs = 30 * 24 * 60 * 60 * 1000

/**
 * Makes a store path visible as a narinfo says, with a NAR that was sent before; where the path is visible, adds the
 * narinfo's signatures. Nix sends what a path refers to before the path. Throws what `publishUpload` throws, `bad-request`, and
 * `not-found` if the NAR was not sent.
 */
export async function publishNarinfo(deps: PublishPathDeps, request: NarinfoRequest): Promise<void> {
  const { cache, storeHash, text } = request
  const narinfo = parseNarinfoPublication(text, cache.storeDir)
  if (narinfo.storeHash !== storeHash) {
    throw new CacheError('bad-request', 'The StorePath of this narinfo is not of the hash it was sent under.')
  }
  const visible = await deps.database.paths.find(cache.id, storeHash)
  if (visible === undefined) await publishNew(deps, request, narinfo)
  else await addSignatures(deps, { cache, visible, narinfo })
  await deps.database.uploads.serve(cache.id, narinfo.fileHash, Date.now() + narinfoLifetimeMs)
}

async function publishNew(
  deps: PublishPathDeps,
  { cache, signal }: NarinfoRequest,
  narinfo: NarinfoPublication,
): Promise<void> {
  const upload = await requireUpload(deps.database, cache, narinfo.fileHash)
  checkCompression(narinfo, upload)
  const path = { ...narinfo, fileSize: narinfo.fileSize ?? upload.fileSize }
  await publishUpload(deps, { cache, path, upload, signal })
}

/** Of what clients are told while the file itself is served. */
function checkCompression(narinfo: NarinfoPublication, { compression }: Upload): void {
  if (narinfo.compression === compression) return
  const message = `This narinfo says Compression: ${narinfo.compression.slice(0, 40)}, but the file that was uploaded is ${compression}.`
  throw new CacheError('bad-request', message)
}

interface VisiblePath {
  readonly cache: Cache
  readonly visible: PublishedPath
  readonly narinfo: NarinfoPublication
}

async function addSignatures(deps: PublishPathDeps, { cache, visible, narinfo }: VisiblePath): Promise<void> {
  const isSame = visible.narHash === narinfo.narHash && visible.storeName === narinfo.storeName
  const conflict = failureOf({ outcome: 'conflict', narHash: visible.narHash }, cache, narinfo)
  if (!isSame && conflict !== undefined) throw conflict
  // Signatures cover the references: those made for others would not verify.
  if (narinfo.references.join() !== visible.references.join()) return
  const signatures = await signPath(await readCacheKeys(deps, cache), narinfo)
  await deps.database.signatures.add(cache.id, [{ ...visible, signatures }])
}
