import type { ByteReader } from './byte-reader.ts'
import type { FormatError } from './format-error.ts'
import { isSha256Hex } from './hash.ts'
import { decodeHex, encodeHex } from './hex.ts'
import { decodeNix32, encodeNix32 } from './nix32.ts'
import { isStoreHash } from './store-path.ts'

const sha256Bytes = 32
const storeHashBytes = 20

/** How names of packs and chunks (SHA-256 as lower-case hex) and store hashes are written in binary formats. */
export class BinaryNames {
  readonly #invalid: (reason: string) => FormatError

  constructor(invalid: (reason: string) => FormatError) {
    this.#invalid = invalid
  }

  readonly encodeSha256 = (name: string): Uint8Array => {
    const bytes = isSha256Hex(name) ? decodeHex(name) : undefined
    if (bytes === undefined) throw this.#invalid(`"${name.slice(0, 80)}" is not a SHA-256`)
    return bytes
  }

  readonly decodeSha256 = (reader: ByteReader): string => encodeHex(reader.bytes(sha256Bytes))

  readonly encodeStoreHash = (hash: string): Uint8Array => {
    if (!isStoreHash(hash)) throw this.#invalid(`"${hash.slice(0, 80)}" is not a store hash`)
    return decodeNix32(hash)
  }

  readonly decodeStoreHash = (reader: ByteReader): string => encodeNix32(reader.bytes(storeHashBytes))
}
