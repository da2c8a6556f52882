/** What kind of thing went wrong; the message says the rest. */
export type CliErrorCode =
  | 'usage'
  | 'config'
  | 'credentials'
  | 'service'
  | 'nix'
  | 'file'
  | 'store-path'
  | 'push'
  | 'source'
  | 'interrupted'

/**
 * A failure the user can understand. The message is one sentence or a few: what happened, and what to do about it.
 * It is printed on standard error as it is, without a stack unless `--verbose` is given; the exit status is 1.
 */
export class CliError extends Error {
  override readonly name: string = 'CliError'
  readonly code: CliErrorCode

  constructor(code: CliErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
