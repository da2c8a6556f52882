import { asCompression, decompressUpload } from '@cachix/server'
import { printable } from '../service/explain-failure.ts'
import { UselessFileError } from './cache-source.ts'

/** Bytes; the narinfo of a path with a thousand references has a tenth of this. */
const maxText = 1024 ** 2

interface EncodedText {
  readonly body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  /** As `Content-Encoding` has it, without what has been undone already. */
  readonly encoding?: string | undefined
  /** For people. */
  readonly name: string
}

/**
 * A text as a cache keeps it. Nix writes narinfos in any compression it knows (`narinfo-compression=`), and says which
 * in `Content-Encoding`. Throws UselessFileError, and what reading the body throws.
 */
export async function readText({ body, encoding, name }: EncodedText): Promise<string> {
  const tooLong = () => new UselessFileError(`${name} is too long.`)
  let bytes = await joinUpTo(maxText, body, tooLong)
  for (const each of encodingsOf(encoding)) {
    const compression = asCompression(each)
    if (compression === undefined) {
      throw new UselessFileError(`${name} is encoded as ${printable(each)}, which is not known here.`)
    }
    try {
      bytes = await joinUpTo(maxText, decompressUpload([bytes], compression), tooLong)
    } catch (cause) {
      if (cause instanceof UselessFileError) throw cause
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new UselessFileError(`${name} cannot be decoded from ${each}: ${reason}`, { cause })
    }
  }
  return bytes.toString('utf8')
}

/** The last one first: RFC 9110, section 8.4. */
function encodingsOf(header = ''): string[] {
  const names = header.split(',').map((name) => name.trim().toLowerCase().replace(/^x-/, ''))
  return names.filter((name) => name !== '' && name !== 'identity').reverse()
}

async function joinUpTo(
  limit: number,
  blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  tooLong: () => Error,
): Promise<Buffer> {
  const kept: Uint8Array[] = []
  let size = 0
  for await (const block of blocks) {
    size += block.length
    if (size > limit) throw tooLong()
    kept.push(Uint8Array.from(block))
  }
  return Buffer.concat(kept)
}
