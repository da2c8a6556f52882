import { encodeChunk, nameChunk } from '@cachix/frames'
import { type Chunk, type CutSizes, cutSizes, NarCutter } from '@cachix/protocol'
import { dumpNar } from '../../packages/cli/src/nix/dump-nar.ts'
import { compressionLevel, type NarSource } from './stored-nar.ts'

/** Counts what NARs would take as chunks of which each is kept once, without what a service notes about them. */
export class ChunkStore {
  readonly #sizes: CutSizes
  readonly #names = new Set<string>()

  constructor(sizes: CutSizes = cutSizes) {
    this.#sizes = sizes
  }

  /** Cuts a NAR and keeps what is new of it. Returns how many bytes of frames that is. */
  async add({ path, storeHashes }: NarSource): Promise<number> {
    const cutter = new NarCutter(storeHashes, this.#sizes)
    let size = 0
    for await (const block of dumpNar(path)) size += await this.#keep(cutter.write(block))
    return size + (await this.#keep(cutter.end()))
  }

  async #keep(chunks: readonly Chunk[]): Promise<number> {
    let size = 0
    for (const chunk of chunks) {
      const name = nameChunk(chunk)
      if (this.#names.has(name)) continue
      this.#names.add(name)
      size += (await encodeChunk(chunk, { level: compressionLevel })).bytes.length
    }
    return size
  }
}
