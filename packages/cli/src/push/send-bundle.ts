import { encodePackIndex } from '@cachix/protocol'
import prettyBytes from 'pretty-bytes'
import type { ServiceClient } from '../service/service-client.ts'
import { ServiceError } from '../service/service-error.ts'
import type { PackedBundle } from './bundler.ts'

interface SendBundleDeps {
  readonly client: ServiceClient
  readonly cacheName: string
  readonly signal: AbortSignal
}

/** Sends a bundle. Throws ServiceError. */
export async function sendBundle(
  { client, cacheName, signal }: SendBundleDeps,
  { frames, recipes }: PackedBundle,
): Promise<void> {
  const parts = [encodePackIndex(frames, recipes), ...frames.map(({ bytes }) => bytes)]
  try {
    await client.sendBundle(cacheName, parts, signal)
  } catch (error) {
    throw error instanceof ServiceError && error.status === 413 ? tooLarge(parts, error) : error
  }
}

/** A proxy on the way may take less than the service. */
function tooLarge(parts: readonly Uint8Array[], cause: ServiceError): ServiceError {
  const size = prettyBytes(parts.reduce((sum, { length }) => sum + length, 0))
  return new ServiceError(
    `An upload of ${size} is too large for the service, or for a proxy on the way: \`--bundle-size MEGABYTES\` makes them smaller. It said: ${cause.message}`,
    { cause, status: cause.status },
  )
}
