import { baseNameOf } from '@cachix/protocol'
import pLimit from 'p-limit'
import type { PathInfo } from '../nix/store-reader.ts'
import type { PathOutcome } from './path-outcome.ts'
import { SkipPath } from './skip-path.ts'

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
    const outcome = await this.#attempt(info).catch((failure: unknown) => this.#stages.judge(info, failure))
    if (outcome.status !== 'pushed') this.#unpushed.add(baseNameOf(info.storePath))
    return outcome
  }

  async #attempt(info: PathInfo): Promise<PathOutcome> {
    const dependencies = info.references.filter((name) => name !== baseNameOf(info.storePath))
    const sent = await this.#uploads(async () => {
      this.#checkFeasible(dependencies)
      return await this.#stages.upload(info)
    })
    await Promise.all(dependencies.flatMap((name) => this.#outcomes.get(name) ?? []))
    return await this.#publications(async () => {
      this.#checkFeasible(dependencies)
      return await this.#stages.publish(info, sent)
    })
  }

  #checkFeasible(dependencies: readonly string[]): void {
    if (this.#signal.aborted) throw new SkipPath('the push was stopped')
    if (dependencies.some((name) => this.#unpushed.has(name)))
      throw new SkipPath('a dependency was not pushed')
  }
}
