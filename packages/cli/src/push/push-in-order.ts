import { baseNameOf } from '@cachix/protocol'
import pLimit from 'p-limit'
import type { PathInfo } from '../nix/store-reader.ts'
import type { PathOutcome } from './path-outcome.ts'
import { dependencyNotPushed, pushStopped, SkipPath } from './skip-path.ts'

/** How one path is pushed. What the first two throw is judged; judging throws nothing. */
export interface PushStages<Sent> {
  /** May run before the path's dependencies are in the cache. What it returns is called at once, and waits for what was sent to arrive. */
  send(info: PathInfo): Promise<() => Promise<Sent>>
  /** Called once, when there is nothing more to send. */
  finishSending(): void
  /** Called for a path after it was called for all its dependencies, and before it is known whether these got through. */
  publish(info: PathInfo, sent: Sent): Promise<PathOutcome>
  judge(info: PathInfo, failure: unknown): Promise<PathOutcome>
}

interface PushOptions {
  /** How many paths are read at the same time. */
  readonly jobs: number
  /** Nothing is begun once this is aborted. */
  readonly signal: AbortSignal
}

/**
 * Pushes paths, given dependencies first, several at a time. A path is published only after everything it refers to,
 * so that whenever the push ends, what is in the cache is complete. A path that is not pushed takes along those that
 * need it, and no others.
 */
export async function pushInOrder<Sent>(
  infos: readonly PathInfo[],
  stages: PushStages<Sent>,
  options: PushOptions,
): Promise<PathOutcome[]> {
  return await new OrderedPush(stages, options).run(infos)
}

/** A path on its way. */
interface Push {
  readonly outcome: Promise<PathOutcome>
  /** Fulfilled when the path is being published, or will not be. */
  readonly handedOver: Promise<void>
}

class OrderedPush<Sent> {
  readonly #stages: PushStages<Sent>
  readonly #signal: AbortSignal
  readonly #sending
  /** By base name, like all names here. */
  readonly #pushes = new Map<string, Push>()
  readonly #unpushed = new Set<string>()

  constructor(stages: PushStages<Sent>, { jobs, signal }: PushOptions) {
    this.#stages = stages
    this.#signal = signal
    this.#sending = pLimit(jobs)
  }

  async run(infos: readonly PathInfo[]): Promise<PathOutcome[]> {
    const sends = infos.map((info) => this.#begin(info))
    await Promise.allSettled(sends)
    this.#stages.finishSending()
    return await Promise.all(Array.from(this.#pushes.values(), ({ outcome }) => outcome))
  }

  #begin(info: PathInfo): Promise<unknown> {
    const sent = this.#sending(() => this.#attempt(info, () => this.#stages.send(info)))
    const handover = Promise.withResolvers<void>()
    const outcome = this.#push(info, sent, handover.resolve).finally(handover.resolve)
    this.#pushes.set(baseNameOf(info.storePath), { outcome, handedOver: handover.promise })
    return sent
  }

  async #push(
    info: PathInfo,
    sending: Promise<() => Promise<Sent>>,
    handOver: () => void,
  ): Promise<PathOutcome> {
    try {
      const sent = await this.#attempt(info, await sending)
      await Promise.all(this.#dependenciesOf(info).map(({ handedOver }) => handedOver))
      const publishing = this.#attempt(info, () => this.#stages.publish(info, sent))
      handOver()
      return await publishing
    } catch (failure) {
      return await this.#stages.judge(info, await this.#explain(info, failure))
    }
  }

  /** A failure is noted before anything else begins: it may have to know. */
  async #attempt<T>(info: PathInfo, work: () => Promise<T>): Promise<T> {
    try {
      this.#checkFeasible(info)
      return await work()
    } catch (failure) {
      this.#unpushed.add(baseNameOf(info.storePath))
      throw failure
    }
  }

  #checkFeasible(info: PathInfo): void {
    if (this.#signal.aborted) throw new SkipPath(pushStopped)
    if (this.#isCutOff(info)) throw new SkipPath(dependencyNotPushed)
  }

  /** What follows a dependency that fails is refused because of that. */
  async #explain(info: PathInfo, failure: unknown): Promise<unknown> {
    await Promise.all(this.#dependenciesOf(info).map(({ outcome }) => outcome))
    return this.#isCutOff(info) ? new SkipPath(dependencyNotPushed) : failure
  }

  #isCutOff(info: PathInfo): boolean {
    return dependenciesOf(info).some((name) => this.#unpushed.has(name))
  }

  #dependenciesOf(info: PathInfo): Push[] {
    return dependenciesOf(info).flatMap((name) => this.#pushes.get(name) ?? [])
  }
}

/** Without the path itself, which it may refer to. */
function dependenciesOf(info: PathInfo): readonly string[] {
  return info.references.filter((name) => name !== baseNameOf(info.storePath))
}
