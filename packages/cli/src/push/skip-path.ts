/** A path is not pushed, through no fault of the push. The reason ends the sentence "it was skipped: …". */
export class SkipPath extends Error {
  override readonly name = 'SkipPath'
}
