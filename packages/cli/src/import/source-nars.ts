import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  baseNameOf,
  fingerprint,
  isSignature,
  parsePublicKey,
  parseSignature,
  verify,
  type NarInfo,
} from '@cachix/protocol'
import { CliError } from '../cli-error.ts'
import { checkNar } from '../push/check-nar.ts'
import type { NarSource } from '../push/nar-source.ts'
import { SkipPath } from '../push/skip-path.ts'
import type { CacheSource } from './cache-source.ts'

export interface SourceNarsOptions {
  readonly source: CacheSource
  readonly infos: readonly NarInfo[]
  /** `name:base64`; undefined: signatures are not looked at. */
  readonly trustedKeys: readonly string[] | undefined
  readonly signal: AbortSignal
}

/**
 * The NARs of a cache, each verified: brought to a file, decompressed from there, and compared with what its narinfo says,
 * which a trusted key must have signed.
 */
export class SourceNars implements NarSource, AsyncDisposable {
  readonly #options: SourceNarsOptions
  readonly #infos: ReadonlyMap<string, NarInfo>
  readonly #directory: string

  static async open(options: SourceNarsOptions): Promise<SourceNars> {
    return new SourceNars(options, await mkdtemp(join(tmpdir(), 'cachix-import-')))
  }

  private constructor(options: SourceNarsOptions, directory: string) {
    this.#options = options
    this.#directory = directory
    this.#infos = new Map(options.infos.map((info) => [info.storePath, info]))
  }

  async *read({ storePath }: { readonly storePath: string }): AsyncGenerator<Uint8Array, void> {
    const { source, trustedKeys, signal } = this.#options
    const info = this.#infos.get(storePath)
    if (info === undefined) throw new Error(`${storePath} is not one of the paths to import.`)
    if (trustedKeys && !(await isSignedBy(trustedKeys, info))) throw new SkipPath(untrusted)
    const target = join(this.#directory, baseNameOf(storePath))
    try {
      const file = await source.fetchNar(info.url, target, signal)
      yield* checkNar(await decompress(file, info), info, keeperOf(source))
    } finally {
      await rm(target, { force: true })
    }
  }

  async isGone(): Promise<boolean> {
    return false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true })
  }
}

const untrusted = 'no trusted key has signed it'

async function isSignedBy(publicKeys: readonly string[], info: NarInfo): Promise<boolean> {
  const text = fingerprint(info)
  for (const signature of info.signatures.filter(isSignature)) {
    const { keyName } = parseSignature(signature)
    const candidates = publicKeys.filter((key) => key.startsWith(`${keyName}:`))
    for (const key of candidates) if (await verify(parsePublicKey(key), text, signature)) return true
  }
  return false
}

/** The server's decoders: what a service takes can be imported. */
async function decompress(file: string, { compression, storePath }: NarInfo) {
  const { asCompression, readUpload } = await import('@cachix/server')
  const known = asCompression(compression)
  if (known === undefined) {
    throw new CliError('source', `${storePath} is compressed with ${compression}, which is not known here.`)
  }
  return explained(storePath, readUpload({ paths: [file], compression: known }))
}

async function* explained(
  storePath: string,
  blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* blocks
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('source', `The NAR of ${storePath} cannot be decompressed: ${reason}`, { cause })
  }
}

function keeperOf({ name }: CacheSource) {
  return {
    name: 'its narinfo',
    error: (storePath: string, difference: string) =>
      new CliError('source', `${storePath} is damaged in ${name}: ${difference}.`),
  }
}
