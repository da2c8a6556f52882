/** A path is not pushed, through no fault of the push. The reason ends the sentence "it was skipped: …". */
export class SkipPath extends Error {
  override readonly name = 'SkipPath'
}

/** The reason of every path that was not begun, or given up, because the push was stopped. */
export const pushStopped = 'the push was stopped'
