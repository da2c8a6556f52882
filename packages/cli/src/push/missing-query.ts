/** Which of these chunks the service lacks. */
export type FindMissingChunks = (names: readonly string[]) => Promise<ReadonlySet<string>>

interface Question {
  readonly names: string[]
  bytes: number
  readonly answer: PromiseWithResolvers<ReadonlySet<string>>
}

interface QuestionLimits {
  /** Chunks that are asked about when no other question is under way. */
  readonly fewest: number
  /** Chunks that are asked about however many questions are. */
  readonly most: number
  /** Their bytes: so much has to be kept until the answer is there. */
  readonly bytes: number
}

/** Asks about many chunks, of many paths, in one question. While one is under way the next comes together. */
export class MissingQuery {
  readonly #find: FindMissingChunks
  readonly #limits: QuestionLimits
  #question: Question | undefined
  #underWay = 0

  constructor(find: FindMissingChunks, limits: QuestionLimits) {
    this.#find = find
    this.#limits = limits
  }

  /** Answered once enough chunks have come together, or after `ask`. Throws what asking throws. */
  async isMissing(name: string, bytes: number): Promise<boolean> {
    const question = (this.#question ??= { names: [], bytes: 0, answer: Promise.withResolvers() })
    question.names.push(name)
    question.bytes += bytes
    this.#askIfDue(question)
    return (await question.answer.promise).has(name)
  }

  /** Asks about what has come together so far. */
  ask(): void {
    const question = this.#question
    if (question === undefined) return
    this.#question = undefined
    this.#underWay++
    this.#find(question.names)
      .finally(() => this.#underWay--)
      .then(question.answer.resolve, question.answer.reject)
  }

  #askIfDue({ names, bytes }: Question): void {
    const { fewest, most } = this.#limits
    if (names.length >= (this.#underWay === 0 ? fewest : most) || bytes >= this.#limits.bytes) this.ask()
  }
}
