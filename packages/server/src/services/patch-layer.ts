import type { Patch } from '@cachix/protocol'

/** Writes hashes over the blocks of a file as they come by, from left to right. */
export class PatchLayer {
  readonly #patches: readonly Patch[]
  #next = 0
  #position = 0

  /** From left to right; at the ends of the file they may stick out. */
  constructor(patches: readonly Patch[]) {
    this.#patches = patches
  }

  /** In place, over the block that comes next. */
  lay(block: Uint8Array): void {
    const end = this.#position + block.length
    for (
      let patch = this.#patches[this.#next];
      patch && patch.offset < end;
      patch = this.#patches[this.#next]
    ) {
      this.#layOne(patch, block)
      // The rest of it is for the next block.
      if (patch.offset + patch.hash.length > end) break
      this.#next++
    }
    this.#position = end
  }

  #layOne({ offset, hash }: Patch, block: Uint8Array): void {
    const at = offset - this.#position
    for (let i = Math.max(0, -at); i < hash.length && at + i < block.length; i++) {
      block[at + i] = hash.charCodeAt(i)
    }
  }
}
