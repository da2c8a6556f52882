import { z } from 'zod'

/** Another cache, whose paths need not be stored again. `POST /api/v1/cache/NAME/upstreams` declares one. */
export const Upstream = z.object({
  /** `http(s)://HOST…`. */
  url: z.string(),
  /** `name:base64`, at least one. */
  publicKeys: z.array(z.string()),
})
export type Upstream = z.infer<typeof Upstream>

/** `POST /api/v1/cache/NAME/upstreams/remove`. */
export const RemoveUpstream = Upstream.pick({ url: true })
export type RemoveUpstream = z.infer<typeof RemoveUpstream>

/** A path that an upstream has: one of the signatures is by a key of it. */
const UpstreamPath = z.object({
  /** Base name. */
  storePath: z.string(),
  narHash: z.string(),
  narSize: z.int().positive(),
  /** Base names. */
  references: z.array(z.string()),
  /** `key name:base64`. */
  signatures: z.array(z.string()).max(32),
})

/** `POST /api/v1/cache/NAME/upstreams/paths`: what pushed paths may refer to although the cache does not have it. */
export const UpstreamPaths = z.object({ paths: z.array(UpstreamPath).max(1000) })
export type UpstreamPaths = z.infer<typeof UpstreamPaths>

/** The answer, in their order: false where no signature is by a key of an upstream. */
export const KnownPaths = z.object({ known: z.array(z.boolean()) })
export type KnownPaths = z.infer<typeof KnownPaths>
