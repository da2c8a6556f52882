import { baseNameOf } from '@cachix/protocol'
import pLimit from 'p-limit'
import type { PathInfo } from '../nix/store-reader.ts'
import type { PathOutcome } from './path-outcome.ts'
import { pushStopped, SkipPath } from './skip-path.ts'

/** How one path is pushed. What `upload` and `publish` throw is judged; judging throws nothing. */
export interface PushStages<Sent> {
  /** May run before the path's dependencies are in the cache. */
  upload(info: PathInfo): Promise<Sent>
  /** Runs once all of them are. */
  publish(info: PathInfo, sent: Sent): Promise<PathOutcome>
  judge(info: PathInfo, failure: unknown): Promise<PathOutcome>
}

interface PushOptions {
  /** How many paths are uploaded at the same time. */
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

class OrderedPush<Sent> {
  readonly #stages: PushStages<Sent>
  readonly #signal: AbortSignal
  readonly #uploads
  readonly #publications
  /** By base name, like all names here. */
  readonly #outcomes = new Map<string, Promise<PathOutcome>>()
  readonly #unpushed = new Set<string>()

  constructor(stages: PushStages<Sent>, { jobs, signal }: PushOptions) {
    this.#stages = stages
    this.#signal = signal
    this.#uploads = pLimit(jobs)
    this.#publications = pLimit(jobs)
  }

  async run(infos: readonly PathInfo[]): Promise<PathOutcome[]> {
    for (const info of infos) this.#outcomes.set(baseNameOf(info.storePath), this.#push(info))
    return await Promise.all(this.#outcomes.values())
  }

  async #push(info: PathInfo): Promise<PathOutcome> {
    try {
      const sent = await this.#uploads(() => this.#attempt(info, () => this.#stages.upload(info)))
      await Promise.all(dependenciesOf(info).flatMap((name) => this.#outcomes.get(name) ?? []))
      return await this.#publications(() => this.#attempt(info, () => this.#stages.publish(info, sent)))
    } catch (failure) {
      return await this.#stages.judge(info, failure)
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
    if (!dependenciesOf(info).some((name) => this.#unpushed.has(name))) return
    throw new SkipPath('a dependency was not pushed')
  }
}

/** Without the path itself, which it may refer to. */
function dependenciesOf(info: PathInfo): readonly string[] {
  return info.references.filter((name) => name !== baseNameOf(info.storePath))
}
