import { isSignature, parseSignature, verify } from '@cachix/protocol'

/** Finds out whether trusted keys have signed something. What one of them has signed, it likely signed the next of, too. */
export class Vouching {
  /** The one that was right last comes first: each attempt in vain costs as much as signing. */
  #trusted: readonly Uint8Array[]

  /** Public keys, 32 bytes each. */
  constructor(trusted: readonly Uint8Array[]) {
    const distinct = new Map(trusted.map((bytes) => [Buffer.from(bytes).toString('hex'), bytes]))
    this.#trusted = [...distinct.values()]
  }

  /** Whether one of these `key name:base64` is by a trusted key, under whatever name. */
  async holds(signatures: readonly string[], text: string): Promise<boolean> {
    for (const signature of signatures.filter(isSignature)) {
      const { keyName } = parseSignature(signature)
      for (const bytes of this.#trusted) {
        if (!(await verify({ name: keyName, bytes }, text, signature))) continue
        this.#trusted = [bytes, ...this.#trusted.filter((each) => each !== bytes)]
        return true
      }
    }
    return false
  }
}
