export interface JobLimits {
  /** Bytes of uncompressed NAR; more is refused. */
  readonly maxNarSize: number
  /** Bytes of listing, roughly, before compression. A NAR whose listing is larger has none. */
  readonly maxListingSize: number
}

/** What a job is given besides its task. */
export interface JobContext {
  readonly limits: JobLimits
  /** Throws when nobody waits for the job any more. Called every few milliseconds of work. */
  checkCancelled(): void
}
