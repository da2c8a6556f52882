import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'
import { encodeChunkRecipe, type FilledChunk } from '@cachix/protocol'
import { Bundler, type Bundle, type PackedBundle } from './bundler.ts'
import { ByteBudget } from './byte-budget.ts'
import type { OfferedChunk } from './cut/offered-chunk.ts'
import type { PackedFrame } from './cut/pack-chunk.ts'
import { MissingQuery, type FindMissingChunks } from './missing-query.ts'

export interface ChunkSenderOptions {
  readonly findMissing: FindMissingChunks
  readonly sendBundle: (bundle: PackedBundle) => Promise<void>
  /** Bytes of the largest bundle. */
  readonly bundleSize: number
  /** Of zstd. */
  readonly level: number
  /** Aborted: nothing is taken or encoded any more. */
  readonly signal: AbortSignal
}

/** The chunks of one NAR on their way. */
export interface Shipment {
  /** Settles when the service has all chunks there have been so far. Throws why one of them could not be sent. */
  arrival(): Promise<void>
  /** Bytes sent, compressed. */
  readonly uploaded: number
  /** The chunks there have been so far, as `encodeChunkRecipe` writes them. */
  encodedRecipe(): Uint8Array
}

const mebibyte = 1024 ** 2
/** Bytes of chunks and frames in memory, of all NARs together. */
const maxHeld = 48 * mebibyte
/** Bytes of frames that wait for their bundle to become full: less than may be held, or nothing would move. */
const maxWaiting = 16 * mebibyte
/** Enough chunks that the question is worth its way, few enough that nobody waits long to ask about them. */
const questionLimits = { fewest: 256, most: 16_384, bytes: 8 * mebibyte }
const bundlesAtOnce = 3

/** Brings chunks to the service: asks which it lacks, and sends those in bundles. No chunk is sent twice. */
export class ChunkSender {
  readonly #level: number
  readonly #signal: AbortSignal
  readonly #budget: ByteBudget
  readonly #query: MissingQuery
  readonly #bundler: Bundler
  /** One more than there are cores: while one frame is checked, the others are compressed. */
  readonly #packing = pLimit(availableParallelism() + 1)
  /** By name: settles when the service has the chunk. */
  readonly #deliveries = new Map<string, Promise<void>>()
  readonly #closed: Promise<void>[] = []

  constructor({ findMissing, sendBundle, bundleSize, level, signal }: ChunkSenderOptions) {
    this.#level = level
    this.#signal = signal
    this.#query = new MissingQuery(findMissing, questionLimits)
    this.#budget = new ByteBudget(maxHeld, () => this.#query.ask())
    const sending = pLimit(bundlesAtOnce)
    this.#bundler = new Bundler({ send: (bundle) => sending(sendBundle, bundle), bundleSize, maxWaiting })
  }

  /** Takes the chunks of a NAR, as fast as there is room for them. `onDelivery` is told the bytes of each that has arrived. */
  async send(chunks: AsyncIterable<OfferedChunk>, onDelivery: (bytes: number) => void): Promise<Shipment> {
    const shipment = new NarShipment(onDelivery)
    try {
      for await (const chunk of chunks) await this.#take(chunk, shipment)
    } finally {
      this.#closed.push(this.#close(shipment))
    }
    return shipment
  }

  /** There are no more chunks, of any NAR: what waits for others to come along is sent without them. */
  async finish(): Promise<void> {
    this.#query.ask()
    await Promise.all(this.#closed)
    this.#bundler.flush()
  }

  async #take(chunk: OfferedChunk, shipment: NarShipment): Promise<void> {
    this.#signal.throwIfAborted()
    const { size } = chunk
    shipment.add({ name: chunk.name, hashes: chunk.hashes })
    const known = this.#deliveries.get(chunk.name)
    if (known) {
      chunk.drop()
      shipment.expect(known, size)
      return
    }
    const delivery = Promise.withResolvers<void>()
    this.#deliveries.set(chunk.name, delivery.promise)
    shipment.expect(delivery.promise, size)
    await this.#budget.acquire(size)
    this.#deliver(this.#pack(chunk), size, shipment).then(delivery.resolve, delivery.reject)
  }

  /** Nothing if the service has it. */
  async #pack(chunk: OfferedChunk): Promise<PackedFrame | undefined> {
    let isWanted = false
    try {
      isWanted = await this.#query.isMissing(chunk.name, chunk.size)
      this.#signal.throwIfAborted()
    } finally {
      if (!isWanted || this.#signal.aborted) chunk.drop()
    }
    if (!isWanted) return undefined
    return await this.#packing(() => {
      this.#signal.throwIfAborted()
      return chunk.pack(this.#level)
    })
  }

  /** Frames are put into bundles in the order of their chunks, whichever is compressed first. */
  async #deliver(
    packing: Promise<PackedFrame | undefined>,
    size: number,
    shipment: NarShipment,
  ): Promise<void> {
    const turn = shipment.queue()
    let held = size
    try {
      const frame = await packing
      if (frame === undefined) return
      this.#budget.release(held - frame.length)
      held = frame.length
      await turn.come
      const bundle = this.#bundler.add(shipment.bundle, frame)
      shipment.put(bundle)
      turn.pass()
      await bundle.sent.promise
      shipment.uploaded += frame.length
      frame.release?.()
    } finally {
      turn.pass()
      this.#budget.release(held)
    }
  }

  async #close(shipment: NarShipment): Promise<void> {
    await shipment.queue().come
    if (shipment.bundle) this.#bundler.close(shipment.bundle, shipment.recipeInBundle())
    shipment.bundle = undefined
  }
}

interface Turn {
  readonly come: Promise<void>
  /** May be called before it has come, and more than once. */
  pass(): void
}

class NarShipment implements Shipment {
  readonly #onDelivery: (bytes: number) => void
  readonly #deliveries: Promise<void>[] = []
  #lastTurn = Promise.resolve()
  readonly #recipe: FilledChunk[] = []
  #encodedRecipe: Uint8Array | undefined
  uploaded = 0
  /** Where the next frame goes. */
  bundle: Bundle | undefined
  /** How many frames it has of this NAR. */
  #framesInBundle = 0

  constructor(onDelivery: (bytes: number) => void) {
    this.#onDelivery = onDelivery
  }

  add(chunk: FilledChunk): void {
    this.#recipe.push(chunk)
    this.#encodedRecipe = undefined
  }

  encodedRecipe(): Uint8Array {
    return (this.#encodedRecipe ??= encodeChunkRecipe(this.#recipe))
  }

  /** A frame went into this bundle. */
  put(bundle: Bundle): void {
    this.#framesInBundle = bundle === this.bundle ? this.#framesInBundle + 1 : 1
    this.bundle = bundle
  }

  /** Undefined unless all frames of the NAR are in the bundle at hand. */
  recipeInBundle(): Uint8Array | undefined {
    return this.#framesInBundle === this.#recipe.length ? this.encodedRecipe() : undefined
  }

  expect(delivery: Promise<void>, bytes: number): void {
    const arrival = delivery.then(() => this.#onDelivery(bytes))
    // Whoever waits for the arrival of all hears of it; nobody may.
    arrival.catch(() => undefined)
    this.#deliveries.push(arrival)
  }

  async arrival(): Promise<void> {
    await Promise.all(this.#deliveries)
  }

  /** Turns come in the order in which they were taken. */
  queue(): Turn {
    const come = this.#lastTurn
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#lastTurn = promise
    return { come, pass: () => resolve(come) }
  }
}
