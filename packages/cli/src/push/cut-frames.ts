import { maxFrameContent } from '@cachix/protocol'

/** Cuts a stream into pieces of one size, the last shorter. Blocks that already have that size are passed on as they are. */
export async function* cutFrames(
  blocks: AsyncIterable<Uint8Array>,
  size: number = maxFrameContent,
): AsyncGenerator<Uint8Array, void> {
  let pieces: Uint8Array[] = []
  let length = 0
  for await (const block of blocks) {
    for (let at = 0; at < block.length;) {
      const piece = block.subarray(at, at + size - length)
      pieces.push(piece)
      length += piece.length
      at += piece.length
      if (length < size) continue
      yield join(pieces)
      pieces = []
      length = 0
    }
  }
  if (length > 0) yield join(pieces)
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces
  return pieces.length === 1 && first ? first : Buffer.concat(pieces)
}
