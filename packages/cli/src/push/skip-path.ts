/** A path is not pushed, through no fault of the push. The reason ends the sentence "it was skipped: …". */
export class SkipPath extends Error {
  override readonly name = 'SkipPath'
}

/** The reason of every path that needs one which was not pushed. */
export const dependencyNotPushed = 'a dependency was not pushed'

/** The reason of every path that was not begun, or given up, because the push was stopped. */
export const pushStopped = 'the push was stopped'
