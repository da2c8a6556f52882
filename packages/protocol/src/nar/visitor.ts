/** Told what a NAR holds, in its order, while it streams past. The root has no name. */
export interface NarVisitor {
  /** A directory begins; its entries follow. */
  directory?(): void
  /** The name of the node that comes next: the visitor's own copy. */
  entry?(name: Uint8Array): void
  /** A file begins; its contents follow in pieces, none if it is empty. `offset` is where they begin in the NAR. */
  file?(file: NarFile): void
  /** A part of the block passed to `write`, not a copy. */
  contents?(bytes: Uint8Array): void
  symlink?(target: Uint8Array): void
  leaveDirectory?(): void
}

export interface NarFile {
  /** Bytes. */
  readonly size: number
  readonly executable: boolean
  /** Bytes from the start of the NAR. */
  readonly offset: number
}
