/** What came of asking another binary cache for a narinfo. */
export type UpstreamAnswer =
  | { readonly outcome: 'found'; readonly text: string }
  /** It has answered, and not with a narinfo. */
  | { readonly outcome: 'absent' }
  /** Nothing is known: it may not be asked, did not answer in time, or was given up while it did. */
  | { readonly outcome: 'unknown' }

export interface UpstreamQuestion {
  /** Of the upstream: `http(s)://HOST…`, no slash at the end. */
  readonly url: string
  readonly storeHash: string
}

/** Reads narinfos of other binary caches: those that the operator has named, and no others. */
export interface UpstreamReader {
  /** Whether the upstream at this address is one of them. */
  mayAsk(url: string): boolean
  /** Asks as anybody, without credentials. Never rejects; an abort makes it `unknown`. */
  readNarinfo(question: UpstreamQuestion, signal: AbortSignal): Promise<UpstreamAnswer>
}
