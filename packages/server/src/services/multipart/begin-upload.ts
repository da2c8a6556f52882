import { randomUUID } from 'node:crypto'

import type { MultipartUploadCreated } from '@cachix/api'

import { CacheError } from '../../cache-error.ts'
import type { Cache } from '../../database/cache-database.ts'
import type { Compression } from '../compression.ts'
import { partsId, uploadIdOf } from './multipart-upload.ts'
import type { MultipartDeps } from './multipart-upload.ts'

/** Clients that crash leave theirs behind, until upkeep finds them. */
const maxUploads = 10_000

/** Begins to take in a NAR in parts. Throws `unavailable` if too many are under way, and `disk-full`. */
export async function beginUpload(
  { parts, seal }: MultipartDeps,
  { cache, compression }: { readonly cache: Cache; readonly compression: Compression },
): Promise<MultipartUploadCreated> {
  const prefix = partsId({ cacheId: cache.id, narId: '' })
  const ids = await parts.ids()
  if (ids.filter((id) => id.startsWith(prefix)).length >= maxUploads) {
    const message = `${maxUploads} uploads to cache ${cache.name} are under way. Finish or abort some of them first.`
    throw new CacheError('unavailable', message)
  }
  const upload = { cacheId: cache.id, narId: randomUUID(), compression }
  await parts.begin(partsId(upload))
  return { narId: upload.narId, uploadId: uploadIdOf(seal, upload) }
}
