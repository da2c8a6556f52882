/**
 * The port to assembled files: NARs that lie in several packs, put together so that they leave as one file. They can be
 * made again from packs at any time, so nothing is lost with them, and the oldest-used go when there are too many.
 */
export interface AssembledFiles {
  /**
   * Where that file is, on this machine. The first who asks has it made by `make`, which writes all `size` bytes to the
   * path it is given; whoever asks meanwhile waits for the same. Rejects as `make` does, and the next one tries again.
   * Undefined: there is no room for it. Open the file at once: it stays at its path for some seconds only, and what has
   * been opened by then can be read to its end.
   */
  get(name: string, size: number, make: (path: string) => Promise<void>): Promise<string | undefined>
  /** Bytes of all files, those that are being made included. */
  readonly size: number
  close(): void
}
