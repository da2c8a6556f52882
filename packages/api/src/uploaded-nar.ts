import { z } from 'zod'

/** Answer to `POST /api/v1/cache/NAME/nar?compression=zst`: what the service found in the file it received. */
export const UploadedNar = z.object({
  /** Lower-case hex SHA-256 of the file. */
  fileHash: z.string(),
  fileSize: z.int(),
  /** `sha256:` and 52 nix32 characters. */
  narHash: z.string(),
  narSize: z.int(),
})
export type UploadedNar = z.infer<typeof UploadedNar>
