import { ListingBuilder } from '@cachix/protocol'
import type { Listing, NarFile, NarVisitor } from '@cachix/protocol'

/** About what a node takes in the listing's text besides its name and target. */
const bytesPerNode = 80

/** Builds the listing of a NAR, and gives up on it, not on the NAR, when it gets too large to hold in memory. */
export class CappedListing implements NarVisitor {
  #builder: ListingBuilder | undefined = new ListingBuilder()
  #room: number

  /** `maxSize` in bytes of text, roughly. */
  constructor(maxSize: number) {
    this.#room = maxSize
  }

  /** Undefined if it got too large. */
  listing(): Listing | undefined {
    return this.#builder?.listing()
  }

  directory(): void {
    this.#builder?.directory()
  }

  entry(name: Uint8Array): void {
    this.#take(bytesPerNode + name.length)
    this.#builder?.entry(name)
  }

  file(file: NarFile): void {
    this.#builder?.file(file)
  }

  symlink(target: Uint8Array): void {
    this.#take(target.length)
    this.#builder?.symlink(target)
  }

  leaveDirectory(): void {
    this.#builder?.leaveDirectory()
  }

  #take(bytes: number): void {
    this.#room -= bytes
    if (this.#room < 0) this.#builder = undefined
  }
}
