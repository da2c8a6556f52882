import type { NarFile, NarVisitor } from '../../src/nar/visitor.ts'
import type { NarNode } from '../../src/nar/write-nar.ts'

/** Collects the tree of a NAR, contents and all. */
export class TreeBuilder implements NarVisitor {
  readonly #open: [name: Uint8Array, NarNode][][] = []
  #root: NarNode | undefined
  #name: Uint8Array = new Uint8Array()
  #contents: Uint8Array = new Uint8Array()
  #filled = 0

  get tree(): NarNode | undefined {
    return this.#root
  }

  directory(): void {
    const entries: [Uint8Array, NarNode][] = []
    this.#add({ type: 'directory', entries })
    this.#open.push(entries)
  }

  entry(name: Uint8Array): void {
    this.#name = name
  }

  file({ size, executable }: NarFile): void {
    this.#contents = new Uint8Array(size)
    this.#filled = 0
    this.#add({ type: 'regular', contents: this.#contents, executable })
  }

  contents(bytes: Uint8Array): void {
    this.#contents.set(bytes, this.#filled)
    this.#filled += bytes.length
  }

  symlink(target: Uint8Array): void {
    this.#add({ type: 'symlink', target })
  }

  leaveDirectory(): void {
    this.#open.pop()
  }

  #add(node: NarNode): void {
    this.#root ??= node
    this.#open.at(-1)?.push([this.#name, node])
  }
}
