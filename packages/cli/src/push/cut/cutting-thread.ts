import { Worker } from 'node:worker_threads'
import type { PathInfo } from '../../nix/store-reader.ts'
import { restoreFailure } from './failure.ts'
import type { Order, Report } from './messages.ts'
import type { OfferedChunk } from './offered-chunk.ts'
import type { PackedFrame } from './pack-chunk.ts'

type Cut = Extract<Report, { what: 'chunk' | 'end' }>

/** A thread that reads and cuts one store path at a time, and compresses what it has cut. */
export class CuttingThread {
  readonly #worker = new Worker(new URL('./cut-worker.ts', import.meta.url))
  readonly #packing = new Map<number, PromiseWithResolvers<PackedFrame>>()
  readonly #cut: Cut[] = []
  #arrival = Promise.withResolvers<void>()
  #death: Error | undefined

  constructor() {
    this.#worker.on('message', (report: Report) => this.#take(report))
    this.#worker.on('error', (error) => this.#die(error))
    this.#worker.on('exit', () => this.#die(new Error('A thread of this program has ended.')))
  }

  get isAlive(): boolean {
    return this.#death === undefined
  }

  /** Call it for one path after the other. */
  async *cut(info: PathInfo): AsyncGenerator<OfferedChunk, void> {
    this.#order({ what: 'cut', info })
    let hasEnded = false
    try {
      while (!hasEnded) {
        const next = await this.#next()
        hasEnded = next.what === 'end'
        if (next.what === 'chunk') yield this.#offer(next)
        else if (next.failure !== undefined) throw restoreFailure(next.failure, info.storePath)
      }
    } finally {
      if (!hasEnded) await this.#stop()
    }
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  #offer({ chunk, name, size, hashes }: Extract<Report, { what: 'chunk' }>): OfferedChunk {
    return {
      name,
      size,
      hashes,
      pack: (level) => {
        const packing = Promise.withResolvers<PackedFrame>()
        this.#packing.set(chunk, packing)
        this.#order({ what: 'pack', chunk, level })
        if (this.#death !== undefined) packing.reject(this.#death)
        return packing.promise
      },
      drop: () => this.#order({ what: 'drop', chunk }),
    }
  }

  async #next(): Promise<Cut> {
    for (;;) {
      const next = this.#cut.shift()
      if (next !== undefined) return next
      if (this.#death !== undefined) throw this.#death
      this.#arrival = Promise.withResolvers()
      await this.#arrival.promise
    }
  }

  /** Nobody wants the rest of the path. */
  async #stop(): Promise<void> {
    this.#order({ what: 'stop' })
    while (this.isAlive) {
      const next = await this.#next().catch(() => undefined)
      if (next === undefined || next.what === 'end') return
      this.#order({ what: 'drop', chunk: next.chunk })
    }
  }

  #order(order: Order, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(order, transfer)
  }

  #take(report: Report): void {
    if (report.what === 'chunk' || report.what === 'end') {
      this.#cut.push(report)
      this.#arrival.resolve()
      return
    }
    const packing = this.#packing.get(report.chunk)
    this.#packing.delete(report.chunk)
    if (report.what === 'packed') packing?.resolve(this.#withRelease(report.frame))
    else packing?.reject(new Error(report.message))
  }

  #withRelease(frame: PackedFrame): PackedFrame {
    const memory = frame.bytes.buffer as ArrayBuffer
    return { ...frame, release: () => this.#order({ what: 'reuse', memory }, [memory]) }
  }

  #die(error: unknown): void {
    this.#death ??= error instanceof Error ? error : new Error(String(error))
    for (const packing of this.#packing.values()) packing.reject(this.#death)
    this.#packing.clear()
    this.#arrival.resolve()
  }
}
