import { z } from 'zod'

/** `GET /api/v1/user`: whose token this is. */
export const User = z.object({
  id: z.int().optional(),
  username: z.string(),
  githubUsername: z.string(),
  /** Not known here. */
  fullname: z.null().optional(),
  email: z.null().optional(),
})
export type User = z.infer<typeof User>
