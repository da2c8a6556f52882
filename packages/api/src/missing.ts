import { z } from 'zod'

/** The genuine client asks for at most 32,768 store hashes at once. */
const maxHashes = 32_768

const StoreHash = z.string().regex(/^[0-9a-df-np-sv-z]{32}$/, 'A store hash is 32 characters of nix32.')

/** `POST /api/v1/cache/NAME/narinfo`: the store hashes asked about. */
export const MissingQuery = z.array(StoreHash).max(maxHashes)
export type MissingQuery = z.infer<typeof MissingQuery>

/** The answer: those that are missing. */
export const StoreHashes = z.array(z.string())
export type StoreHashes = z.infer<typeof StoreHashes>
