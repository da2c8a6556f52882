/** Every way in which a request to this service can fail for a reason its sender can understand. */
export type CacheErrorCode =
  | 'bad-request'
  | 'invalid-name'
  | 'name-taken'
  | 'key-exists'
  | 'not-authorized'
  | 'not-found'
  | 'too-large'
  | 'length-required'
  | 'unsupported'
  | 'invalid-nar'
  | 'hash-mismatch'
  | 'missing-references'
  | 'missing-chunks'
  | 'bad-signature'
  | 'conflict'
  | 'truncated'
  | 'timed-out'
  | 'disk-full'
  | 'damaged'
  | 'unavailable'
  | 'put-failed'

/**
 * The one class of failures that are told to a client. The message is a sentence for a person: what happened and
 * what to do. Absence is a value (`undefined`), never this; programmer errors stay plain `Error`s.
 */
export class CacheError extends Error {
  override readonly name = 'CacheError'
  readonly code: CacheErrorCode

  constructor(code: CacheErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
