export type FormatErrorCode =
  | 'nix32'
  | 'hash'
  | 'store-path'
  | 'narinfo'
  | 'cache-info'
  | 'key'
  | 'signature'
  | 'nar'
  | 'zstd-frame'
  | 'recipe'
  | 'chunk'

/** What every parser of this package throws when the text or the bytes are not of its format; `code` names the format. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  readonly code: FormatErrorCode

  constructor(code: FormatErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
