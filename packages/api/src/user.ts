import { z } from 'zod'

/** `GET /api/v1/user`: whose token this is. */
export const User = z.object({
  username: z.string(),
  githubUsername: z.string(),
})
export type User = z.infer<typeof User>
