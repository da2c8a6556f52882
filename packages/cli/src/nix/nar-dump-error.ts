import { CliError } from '../cli-error.ts'

/** `changed`: not what it was a moment ago. `unsupported`: no NAR may hold it. */
export type NarDumpFailure = 'changed' | 'unreadable' | 'unsupported'

/** A path could not be read as a NAR. */
export class NarDumpError extends CliError {
  override readonly name = 'NarDumpError'
  readonly reason: NarDumpFailure

  constructor(reason: NarDumpFailure, message: string, options?: ErrorOptions) {
    super('store-path', message, options)
    this.reason = reason
  }
}
