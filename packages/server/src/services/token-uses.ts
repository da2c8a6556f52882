import { LRUCache } from 'lru-cache'
import type { Token, TokenTable } from '../database/token-table.ts'

/** Milliseconds; also how exact it is. */
const interval = 3_600_000

export interface TokenUseDeps {
  readonly tokens: Pick<TokenTable, 'noteUse'>
  /** Told when a use could not be noted, which is no reason to refuse it. */
  onFailure(error: unknown): void
}

/** Remembers when tokens were last used: one write an hour for each, and no request waits for it. */
export class TokenUses {
  readonly #deps: TokenUseDeps
  readonly #noted = new LRUCache<number, true>({ max: 10_000, ttl: interval })
  #writing: Promise<void> = Promise.resolve()

  constructor(deps: TokenUseDeps) {
    this.#deps = deps
  }

  note({ id, lastUsedAt }: Pick<Token, 'id' | 'lastUsedAt'>): void {
    const now = Date.now()
    if ((lastUsedAt ?? 0) > now - interval || this.#noted.has(id)) return
    this.#noted.set(id, true)
    this.#writing = this.#writing.then(() => this.#write(id, now))
  }

  /** Resolves when what was noted so far is written. */
  settled(): Promise<void> {
    return this.#writing
  }

  async #write(id: number, at: number): Promise<void> {
    try {
      await this.#deps.tokens.noteUse(id, at)
    } catch (error) {
      this.#deps.onFailure(error)
    }
  }
}
