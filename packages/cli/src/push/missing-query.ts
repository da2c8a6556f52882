/** Which of these chunks the service lacks. */
export type FindMissingChunks = (names: readonly string[]) => Promise<ReadonlySet<string>>

interface Question {
  readonly names: string[]
  bytes: number
  readonly answer: PromiseWithResolvers<ReadonlySet<string>>
}

interface QuestionLimits {
  /** Chunks asked about at once. */
  readonly names: number
  /** Their bytes: so much has to be kept until the answer is there. */
  readonly bytes: number
}

/** Asks about many chunks, of many paths, in one question. */
export class MissingQuery {
  readonly #find: FindMissingChunks
  readonly #limits: QuestionLimits
  #question: Question | undefined

  constructor(find: FindMissingChunks, limits: QuestionLimits) {
    this.#find = find
    this.#limits = limits
  }

  /** Answered once enough chunks have come together, or after `ask`. Throws what asking throws. */
  async isMissing(name: string, bytes: number): Promise<boolean> {
    const question = (this.#question ??= { names: [], bytes: 0, answer: Promise.withResolvers() })
    question.names.push(name)
    question.bytes += bytes
    if (question.names.length >= this.#limits.names || question.bytes >= this.#limits.bytes) this.ask()
    return (await question.answer.promise).has(name)
  }

  /** Asks about what has come together so far. */
  ask(): void {
    const question = this.#question
    if (question === undefined) return
    this.#question = undefined
    this.#find(question.names).then(question.answer.resolve, question.answer.reject)
  }
}
