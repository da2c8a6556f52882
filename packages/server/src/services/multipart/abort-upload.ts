import { findUpload, partsId } from './multipart-upload.ts'
import type { MultipartDeps, UploadReference } from './multipart-upload.ts'

/** Forgets an upload and its parts. Again is fine. Throws `not-found`. */
export async function abortUpload({ parts, seal }: MultipartDeps, upload: UploadReference): Promise<void> {
  await parts.end(partsId(findUpload(seal, upload)))
}
