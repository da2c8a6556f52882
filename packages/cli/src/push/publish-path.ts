import type { UploadedNar } from '@cachix/api'
import { CliError } from '../cli-error.ts'
import type { PathInfo } from '../nix/store-reader.ts'
import type { ServiceClient } from '../service/service-client.ts'
import { ServiceError } from '../service/service-error.ts'
import type { Signer } from './choose-signer.ts'
import { publicationOf } from './publication-of.ts'

export interface PublishDeps {
  readonly client: ServiceClient
  readonly cacheName: string
  readonly sign: Signer
  readonly omitDeriver: boolean
  readonly signal: AbortSignal
}

/** The service does not accept how paths of this push are signed, or that they are not. */
export class SignatureRefusedError extends CliError {
  override readonly name = 'SignatureRefusedError'
}

/** Signs a path and makes it visible. Throws SignatureRefusedError, and ServiceError for what else the service objects to. */
export async function publishPath(deps: PublishDeps, info: PathInfo, uploaded: UploadedNar): Promise<void> {
  checkArrival(info, uploaded)
  const { client, cacheName, omitDeriver, sign, signal } = deps
  const publication = publicationOf(info, uploaded, { signature: await sign(info), omitDeriver })
  try {
    await client.publish(cacheName, publication, signal)
  } catch (error) {
    // All else that is checked against the NAR was compared already.
    if (!(error instanceof ServiceError) || error.status !== 422) throw error
    throw new SignatureRefusedError('credentials', error.message, { cause: error })
  }
}

function checkArrival({ storePath, narHash, narSize }: PathInfo, uploaded: UploadedNar): void {
  if (uploaded.narHash === narHash && uploaded.narSize === narSize) return
  const arrived = `a NAR of ${uploaded.narSize} bytes with hash ${uploaded.narHash}`
  throw new CliError(
    'push',
    `${storePath} was changed on its way: the service received ${arrived}. Push it again.`,
  )
}
