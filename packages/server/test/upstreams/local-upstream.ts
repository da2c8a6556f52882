import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fingerprint, renderNarInfo, secretKeyFromSeed, sign } from '@cachix/protocol'
import type { SecretKey } from '@cachix/protocol'

type Answer = (response: ServerResponse, request: IncomingMessage) => void

/** What local upstreams sign with, and a key of the same name that is not theirs. */
const upstreamKey = await secretKeyFromSeed('up.example-1', new Uint8Array(32).fill(1))
export const liarsKey = await secretKeyFromSeed('up.example-1', new Uint8Array(32).fill(2))
export const publicKeys = [publicText(upstreamKey)]

/** Another binary cache on this machine, which answers 404 unless it is told otherwise. */
export class LocalUpstream implements AsyncDisposable {
  /** Headers of what it was asked for, by path, in order. */
  readonly asked: { readonly path: string; readonly headers: IncomingMessage['headers'] }[] = []
  readonly answers = new Map<string, Answer>()
  readonly #server: Server
  #port = 0

  static async start(port = 0): Promise<LocalUpstream> {
    const upstream = new LocalUpstream()
    await new Promise<void>((resolve) => upstream.#server.listen(port, '127.0.0.1', resolve))
    upstream.#port = (upstream.#server.address() as AddressInfo).port
    return upstream
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      const { url: path = '', headers } = request
      this.asked.push({ path, headers })
      const answer = this.answers.get(path)
      if (answer === undefined) response.writeHead(404).end('absent')
      else answer(response, request)
    })
  }

  get port(): number {
    return this.#port
  }

  /** Its origin. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get askedPaths(): string[] {
    return this.asked.map(({ path }) => path)
  }

  /** Has it answer so for a narinfo. */
  on(storeHash: string, answer: Answer): void {
    this.answers.set(`/${storeHash}.narinfo`, answer)
  }

  has(storeHash: string, text: string): void {
    this.on(storeHash, (response) => response.writeHead(200).end(text))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** Never answers. */
export const silence: Answer = () => undefined

export interface SignedPath {
  /** Base name. */
  readonly storePath: string
  readonly narHash: string
  readonly narSize: number
  readonly references: readonly string[]
}

/** What a binary cache says of a path. */
export async function narinfoOf(path: SignedPath, signer: SecretKey = upstreamKey): Promise<string> {
  const storePath = `/nix/store/${path.storePath}`
  const info = { ...path, storePath, narHash: path.narHash as `sha256:${string}` }
  const signatures = [await sign(signer, fingerprint(info))]
  return renderNarInfo({ ...info, url: 'nar/x.nar', compression: 'none', signatures })
}

function publicText({ name, publicKey }: SecretKey): string {
  return `${name}:${Buffer.from(publicKey).toString('base64')}`
}
