import type { PathOutcome } from '@cachix/api'
import { CliError } from '../cli-error.ts'

/** The service does not publish a store path. */
export class RefusedPathError extends CliError {
  override readonly name = 'RefusedPathError'
  /** The service's, for programs. */
  readonly reason: string | undefined

  constructor({ code, message }: PathOutcome) {
    super('push', message ?? 'The service does not say why.')
    this.reason = code
  }
}
