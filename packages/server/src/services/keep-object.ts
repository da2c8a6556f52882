import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'

import { CacheError } from '../cache-error.ts'
import type { Cache, CacheDatabase } from '../database/cache-database.ts'
import { receiveText } from './receive-text.ts'
import type { ReceiveTextDeps, TextUpload } from './receive-text.ts'

export interface KeepObjectDeps extends ReceiveTextDeps {
  readonly database: CacheDatabase
}

export interface ObjectToKeep extends TextUpload {
  readonly cache: Cache
  /** Below the cache's URL. */
  readonly name: string
  readonly isJson: boolean
}

const decompress = promisify(zstdDecompress)

/** Keeps a log or a realisation, in place of an earlier one. Throws what `receiveText` throws, and `bad-request`. */
export async function keepObject(deps: KeepObjectDeps, object: ObjectToKeep): Promise<void> {
  const content = await receiveText(deps, object)
  if (object.isJson) checkJson(await decompress(content))
  await deps.database.objects.put(object.cache.id, object.name, content)
}

function checkJson(text: Uint8Array): void {
  try {
    JSON.parse(Buffer.from(text).toString())
  } catch (cause) {
    throw new CacheError('bad-request', 'This is not JSON.', { cause })
  }
}
