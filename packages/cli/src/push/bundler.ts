import type { PackedFrame } from './cut/pack-chunk.ts'

interface BundlerOptions {
  readonly send: (bundle: PackedBundle) => Promise<void>
  /** Bytes of the largest bundle. */
  readonly bundleSize: number
  /** Bytes that may wait for bundles to become full. */
  readonly maxWaiting: number
}

/** What is sent at once. */
export interface PackedBundle {
  readonly frames: readonly PackedFrame[]
  /** Of the NARs whose frames are all in it, one after another. */
  readonly recipes: readonly Uint8Array[]
}

/** A bundle that is not complete yet. */
export interface Bundle extends PackedBundle {
  readonly frames: PackedFrame[]
  readonly recipes: Uint8Array[]
  bytes: number
  /** Settled once the service has the frames, or has not taken them. */
  readonly sent: PromiseWithResolvers<void>
}

/** As much of one NAR is sent on its own: the service keeps such a bundle as a file that is the NAR and nothing else. */
const ownBundleBytes = 1024 * 1024
/**
 * With so many frames of small NARs a bundle is sent before it is full, to give the service something to do; the next
 * waits for twice as many, so that the most numerous closure makes few files.
 */
const earlyFrames = 512

/**
 * Collects frames into bundles. Those of a NAR stay together and in order, so that it can be served in one stretch: a
 * large NAR makes bundles of its own, small ones share.
 */
export class Bundler {
  readonly #options: BundlerOptions
  readonly #waiting = new Set<Bundle>()
  #waitingBytes = 0
  #shared: Bundle | undefined
  #earlyFrames = earlyFrames

  constructor(options: BundlerOptions) {
    this.#options = options
  }

  /** Adds a frame to those of its NAR. Returns where to add the next. */
  add(bundle: Bundle | undefined, frame: PackedFrame): Bundle {
    const bytes = bytesOf(frame)
    const target = bundle && this.#hasRoom(bundle, bytes) ? bundle : this.#start()
    if (bundle && bundle !== target) this.#send(bundle)
    target.frames.push(frame)
    target.bytes += bytes
    this.#waitingBytes += bytes
    if (this.#waitingBytes >= this.#options.maxWaiting) this.#sendLargest()
    return target
  }

  /** The NAR has no more frames, and was made of as many as its recipe has chunks if there is one. */
  close(bundle: Bundle, recipe?: Uint8Array): void {
    if (!this.#waiting.has(bundle)) return
    this.#addRecipe(bundle, recipe)
    if (bundle.bytes >= ownBundleBytes) this.#send(bundle)
    else this.#share(bundle)
  }

  /** Sends what waits for more small NARs. */
  flush(): void {
    if (this.#shared) this.#send(this.#shared)
  }

  #start(): Bundle {
    const bundle: Bundle = { frames: [], recipes: [], bytes: 0, sent: Promise.withResolvers() }
    this.#waiting.add(bundle)
    return bundle
  }

  /** Left out where there is no room: it only saves the service work. */
  #addRecipe(bundle: Bundle, recipe: Uint8Array | undefined): void {
    const bytes = (recipe?.length ?? 0) + recipeEntryBytes
    if (recipe === undefined || !this.#hasRoom(bundle, bytes)) return
    bundle.recipes.push(recipe)
    bundle.bytes += bytes
    this.#waitingBytes += bytes
  }

  #hasRoom(bundle: Bundle, bytes: number): boolean {
    return this.#waiting.has(bundle) && bundle.bytes + bytes <= this.#options.bundleSize - headerBytes
  }

  #share(bundle: Bundle): void {
    if (this.#shared && !this.#hasRoom(this.#shared, bundle.bytes)) this.flush()
    if (this.#shared === undefined) {
      this.#shared = bundle
      return
    }
    this.#waiting.delete(bundle)
    this.#shared.frames.push(...bundle.frames)
    this.#shared.recipes.push(...bundle.recipes)
    this.#shared.bytes += bundle.bytes
    this.#shared.sent.promise.then(bundle.sent.resolve, bundle.sent.reject)
    this.#sendEarly(this.#shared)
  }

  #sendEarly(shared: Bundle): void {
    if (shared.frames.length < this.#earlyFrames) return
    this.#earlyFrames *= 2
    this.#send(shared)
  }

  #sendLargest(): void {
    this.#send([...this.#waiting].reduce((a, b) => (b.bytes > a.bytes ? b : a)))
  }

  #send(bundle: Bundle): void {
    if (!this.#waiting.delete(bundle)) return
    if (bundle === this.#shared) this.#shared = undefined
    this.#waitingBytes -= bundle.bytes
    this.#options.send(bundle).then(bundle.sent.resolve, bundle.sent.reject)
  }
}

/** What a bundle has beside its frames and their entries. */
const headerBytes = 16
/** At most, without the layout: a name and three numbers. */
const entryBytes = 32 + 3 * 4
/** At most, of the length before a recipe. */
const recipeEntryBytes = 5

function bytesOf({ bytes, layout }: PackedFrame): number {
  return bytes.length + layout.length + entryBytes
}
