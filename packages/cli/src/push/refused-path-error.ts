import type { Verdict } from '@cachix/api'
import { CliError } from '../cli-error.ts'

/** The service does not publish a store path. */
export class RefusedPathError extends CliError {
  override readonly name = 'RefusedPathError'
  /** The service's, for programs. */
  readonly reason: string

  constructor({ code, message }: Extract<Verdict, { readonly outcome: 'failed' }>) {
    super('push', message)
    this.reason = code
  }
}
