import { z } from 'zod'
import { NarInfoCreate } from './nar-info-create.ts'

/** Answer to `POST /api/v1/cache/NAME/multipart-nar?compression=zst|xz`: a NAR may be sent in parts. */
export const MultipartUploadCreated = z.object({
  /** A UUID. */
  narId: z.string(),
  uploadId: z.string(),
})
export type MultipartUploadCreated = z.infer<typeof MultipartUploadCreated>

/** `POST /api/v1/cache/NAME/multipart-nar/NARID?uploadId=…&partNumber=N`: a part is about to be sent. */
export const PartToUpload = z.object({
  /** Base64 of the 16 bytes. */
  contentMD5: z.base64().length(24, 'contentMD5 is the base64 of an MD5.'),
})
export type PartToUpload = z.infer<typeof PartToUpload>

/** The answer: where to PUT it, without further authorization. */
export const PartAddress = z.object({ uploadUrl: z.url() })
export type PartAddress = z.infer<typeof PartAddress>

const UploadedPart = z.object({
  partNumber: z.int(),
  /** As the answer to the PUT had it. */
  eTag: z.string(),
})
export type UploadedPart = z.infer<typeof UploadedPart>

/** `POST /api/v1/cache/NAME/multipart-nar/NARID/complete?uploadId=…`: publish a store path whose parts were sent. */
export const MultipartUploadComplete = z.object({
  /** Null: all that were sent. */
  parts: z.array(UploadedPart).max(10_000).nullable(),
  narInfoCreate: NarInfoCreate,
})
export type MultipartUploadComplete = z.infer<typeof MultipartUploadComplete>
