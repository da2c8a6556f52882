export interface EncodeOptions {
  /** Of zstd. */
  readonly level: number
  /** Gives the memory for the frame, with anything in it; without it, the frame has some of its own. */
  readonly allocate?: ((size: number) => Uint8Array) | undefined
}
