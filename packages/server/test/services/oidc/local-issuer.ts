import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { CryptoKey, JWK } from 'jose'

interface SigningKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

/** Undefined: left out. */
export type IssuedClaims = Readonly<Record<string, unknown>>

export interface SignOptions {
  readonly key?: SigningKey
  /** What the header says, whatever the key is. */
  readonly kid?: string
  /** Seconds from now. */
  readonly expiresIn?: number
}

/** An issuer of identity tokens on this machine: real keys, discovery and a key set over HTTP. */
export class LocalIssuer implements AsyncDisposable {
  /** What it has answered, in order. */
  readonly asked: string[] = []
  /** What discovery says, where that is not the truth. */
  discovery: Record<string, unknown> = {}
  /** Instead of its usual answers. */
  fault: 'none' | 'down' | 'redirect' | 'endless' | 'garbage' = 'none'
  keys: SigningKey[] = []
  readonly #server: Server

  static async start(): Promise<LocalIssuer> {
    const issuer = new LocalIssuer()
    issuer.keys = [await makeKey('first')]
    await new Promise<void>((resolve) => issuer.#server.listen(0, '127.0.0.1', resolve))
    return issuer
  }

  private constructor() {
    this.#server = createServer(({ url = '' }, response) => {
      this.asked.push(url)
      if (this.fault === 'down') response.writeHead(500).end()
      else if (this.fault === 'redirect') response.writeHead(302, { location: '/elsewhere' }).end()
      else if (this.fault === 'endless') response.writeHead(200).end(Buffer.alloc(3_000_000, ' '))
      else if (this.fault === 'garbage') response.writeHead(200).end('<html>')
      else
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.#answer(url)))
    })
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  /** An identity token: of `sub` for `aud` unless the claims say otherwise. */
  async sign(
    claims: IssuedClaims,
    { key = this.keys[0]!, kid = key.kid, expiresIn = 300 }: SignOptions = {},
  ) {
    const now = Math.floor(Date.now() / 1000)
    const payload = { iss: this.url, sub: 'repo:me/project', iat: now, exp: now + expiresIn, ...claims }
    return new SignJWT(payload).setProtectedHeader({ alg: key.alg, kid, typ: 'JWT' }).sign(key.privateKey)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #answer(url: string): unknown {
    if (url === '/.well-known/openid-configuration')
      return { issuer: this.url, jwks_uri: `${this.url}/keys`, ...this.discovery }
    return { keys: this.keys.map(({ publicJwk }) => publicJwk) }
  }
}

export async function makeKey(kid: string, alg = 'RS256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}
