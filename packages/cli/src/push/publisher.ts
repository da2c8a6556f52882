import { maxPaths, type PathCreate, type PathOutcome as Verdict } from '@cachix/api'

export type PublishBatch = (batch: readonly PathCreate[]) => Promise<readonly Verdict[]>

interface Waiting {
  readonly publication: PathCreate
  /** Of the request. */
  readonly bytes: number
  readonly verdict: PromiseWithResolvers<Verdict>
}

interface BatchLimits {
  /** Of the request. */
  readonly bytes: number
  /** Of the NARs, all of which the service checks before it answers. */
  readonly narBytes: number
}

/**
 * Publishes in batches: while one is under way the next comes together. What is given first is published first, so that
 * a path may follow those it refers to without waiting for them.
 */
export class Publisher {
  readonly #publish: PublishBatch
  readonly #limits: BatchLimits
  readonly #waiting: Waiting[] = []
  #isBusy = false

  constructor(publish: PublishBatch, limits: BatchLimits) {
    this.#publish = publish
    this.#limits = limits
  }

  /** Throws what publishing the batch throws. */
  publish(publication: PathCreate): Promise<Verdict> {
    const bytes = JSON.stringify(publication).length
    const verdict = Promise.withResolvers<Verdict>()
    this.#waiting.push({ publication, bytes, verdict })
    if (!this.#isBusy) void this.#work()
    return verdict.promise
  }

  async #work(): Promise<void> {
    this.#isBusy = true
    while (this.#waiting.length > 0) {
      // What becomes ready at the same time goes along.
      await new Promise((resolve) => setImmediate(resolve))
      await this.#publishNext(this.#waiting.splice(0, this.#nextCount()))
    }
    this.#isBusy = false
  }

  async #publishNext(batch: readonly Waiting[]): Promise<void> {
    try {
      const verdicts = await this.#publish(batch.map(({ publication }) => publication))
      for (const [i, { verdict }] of batch.entries()) verdict.resolve(verdictAt(verdicts, i))
    } catch (error) {
      for (const { verdict } of batch) verdict.reject(error)
    }
  }

  /** At least one. */
  #nextCount(): number {
    let count = 0
    let [bytes, narBytes] = [0, 0]
    for (const each of this.#waiting.slice(0, maxPaths)) {
      bytes += each.bytes + 1
      narBytes += each.publication.narSize
      if (count > 0 && (bytes > this.#limits.bytes || narBytes > this.#limits.narBytes)) break
      count++
    }
    return count
  }
}

function verdictAt(verdicts: readonly Verdict[], index: number): Verdict {
  return verdicts[index] ?? { outcome: 'failed', message: 'The service does not say what became of it.' }
}
