import { CacheError } from '../cache-error.ts'

/** Bytes a second: whoever sends less for long is not sending. */
const slowestRate = 1024

/**
 * The blocks of a request's body for as long as they keep coming. Throws `timed-out` when one lets itself be waited for
 * longer than `stallMs`, or all of them together longer than that and a second for each kibibyte. How long the reader
 * takes does not count.
 */
export async function* patientBody(
  blocks: AsyncIterable<Uint8Array>,
  stallMs: number,
): AsyncGenerator<Uint8Array, void> {
  const source = blocks[Symbol.asyncIterator]()
  let patience = stallMs
  let isStalled = false
  try {
    for (;;) {
      const began = performance.now()
      const next = await within(Math.min(patience, stallMs), source.next())
      isStalled = next === undefined
      if (next === undefined) throw tooSlow()
      if (next.done === true) return
      patience += (next.value.length / slowestRate) * 1000 - (performance.now() - began)
      yield next.value
    }
  } finally {
    // After a stall this would wait for the block that does not come. The connection is closed after the answer.
    if (!isStalled) await source.return?.()
  }
}

/** Undefined when it takes longer. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>()
  // Whoever stops reading half way leaves it behind: it must not keep the process.
  const timer = setTimeout(late.resolve, Math.max(0, ms), undefined).unref()
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

function tooSlow(): CacheError {
  return new CacheError('timed-out', 'The body of the request came too slowly, or no longer. Send it again.')
}
