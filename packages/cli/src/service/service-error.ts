import { CliError } from '../cli-error.ts'

interface ServiceErrorOptions extends ErrorOptions {
  /** The HTTP status; undefined when no whole answer came. */
  readonly status?: number | undefined
  /** How long the service asks to be left alone, in milliseconds. */
  readonly retryAfter?: number | undefined
}

/** The service refused, failed, or could not be reached. */
export class ServiceError extends CliError {
  override readonly name = 'ServiceError'
  readonly status: number | undefined
  readonly retryAfter: number | undefined

  constructor(message: string, options: ServiceErrorOptions = {}) {
    super('service', message, options)
    this.status = options.status
    this.retryAfter = options.retryAfter
  }
}
