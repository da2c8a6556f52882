/** The body of an answer that somebody else gives; undefined if it has more than `maxBytes`. Throws what reading it throws. */
export async function readBounded(
  { body }: Response,
  maxBytes: number,
): Promise<Buffer<ArrayBuffer> | undefined> {
  const blocks: Uint8Array[] = []
  let size = 0
  for await (const block of body ?? []) {
    size += block.length
    if (size > maxBytes) return undefined
    blocks.push(block)
  }
  return Buffer.concat(blocks)
}
