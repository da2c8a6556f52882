import { createHash } from 'node:crypto'

import { NarParser, renderHash } from '@cachix/protocol'
import type { NarVisitor } from '@cachix/protocol'

import { CacheError } from '../../cache-error.ts'
import { explained } from './explain-format.ts'

export interface CheckedNar {
  /** `sha256:` and 52 nix32 characters. */
  readonly narHash: string
  /** Bytes. */
  readonly narSize: number
}

/** Takes a NAR in blocks of any size and checks that it is one. Throws `invalid-nar` and `too-large`. */
export class NarCheck {
  readonly #maxSize: number
  readonly #hash = createHash('sha256')
  readonly #parser: NarParser
  #size = 0

  constructor(maxSize: number, visitor: NarVisitor = {}) {
    this.#maxSize = maxSize
    this.#parser = new NarParser(visitor)
  }

  write(bytes: Uint8Array): void {
    this.#size += bytes.length
    if (this.#size > this.#maxSize) {
      throw new CacheError(
        'too-large',
        `This NAR is larger than the ${this.#maxSize} bytes this service takes.`,
      )
    }
    this.#hash.update(bytes)
    explained('invalid-nar', () => this.#parser.write(bytes))
  }

  end(): CheckedNar {
    explained('invalid-nar', () => this.#parser.end())
    const narHash = renderHash({ algorithm: 'sha256', bytes: this.#hash.digest() })
    return { narHash, narSize: this.#size }
  }
}
