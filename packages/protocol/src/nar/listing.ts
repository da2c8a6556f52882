// What a cache keeps at `<store hash>.ls`: the tree of a NAR as JSON, version 1.

import { TextDecoder } from '../platform.ts'
import type { NarFile, NarVisitor } from './visitor.ts'

export type Listing =
  | {
      readonly type: 'regular'
      readonly size: number
      readonly executable: boolean
      readonly narOffset: number
    }
  | { readonly type: 'symlink'; readonly target: string }
  | { readonly type: 'directory'; readonly entries: ReadonlyMap<string, Listing> }

/**
 * Collects the listing of a NAR that a `NarParser` reads. JSON is text: in names and targets that are not UTF-8 the bytes
 * at fault become U+FFFD, and of entries that then have the same name only the last is kept.
 */
export class ListingBuilder implements NarVisitor {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  readonly #open: Map<string, Listing>[] = []
  #name = ''
  #root: Listing | undefined

  directory(): void {
    const entries = new Map<string, Listing>()
    this.#add({ type: 'directory', entries })
    this.#open.push(entries)
  }

  entry(name: Uint8Array): void {
    this.#name = this.#decoder.decode(name)
  }

  file(file: NarFile): void {
    this.#add({ type: 'regular', size: file.size, executable: file.executable, narOffset: file.offset })
  }

  symlink(target: Uint8Array): void {
    this.#add({ type: 'symlink', target: this.#decoder.decode(target) })
  }

  leaveDirectory(): void {
    this.#open.pop()
  }

  /** Call it once the parser's `end` has returned. */
  listing(): Listing {
    if (this.#root === undefined) throw new TypeError('No NAR has been read yet.')
    return this.#root
  }

  #add(node: Listing): void {
    this.#root ??= node
    this.#open.at(-1)?.set(this.#name, node)
  }
}

/** As Nix up to 2.34 writes it. Built by hand because objects put names that are numbers out of order. */
export function renderListing(listing: Listing): string {
  return `{"version":1,"root":${renderNode(listing)}}`
}

function renderNode(node: Listing): string {
  if (node.type === 'symlink') return JSON.stringify({ type: 'symlink', target: node.target })
  if (node.type === 'directory') {
    const entries = Array.from(
      node.entries,
      ([name, child]) => `${JSON.stringify(name)}:${renderNode(child)}`,
    )
    return `{"type":"directory","entries":{${entries.join(',')}}}`
  }
  const { size, executable, narOffset } = node
  return JSON.stringify({ type: 'regular', size, ...(executable && { executable }), narOffset })
}
