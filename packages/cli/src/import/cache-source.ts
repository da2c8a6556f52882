import { CliError } from '../cli-error.ts'

/** One file of a cache is of no use. Others may be: the paths that do not need it can be imported. */
export class UselessFileError extends CliError {
  override readonly name = 'UselessFileError'

  constructor(message: string, options?: ErrorOptions) {
    super('source', message, options)
  }
}

/** A binary cache to import from. Every method throws CliError `source`, and the signal's reason. */
export interface CacheSource {
  /** As the user knows it. */
  readonly name: string
  /** A small text file of the cache, by its name in it; undefined if there is none. Throws UselessFileError where it is not one. */
  readText(name: string, signal: AbortSignal): Promise<string | undefined>
  /** Brings a NAR, by the `URL` of its narinfo, to a file: `target`, or one that has it already, whose path is returned. */
  fetchNar(url: string, target: string, signal: AbortSignal): Promise<string>
  /** The store hashes of all its paths; undefined where the kind of cache cannot tell. */
  readonly list?: ((signal: AbortSignal) => Promise<string[]>) | undefined
}

/** The store hash of a narinfo's file name; nothing for other files. */
export function storeHashOfFile(name: string): string[] {
  const [, storeHash] = /^([0-9a-df-np-sv-z]{32})\.narinfo$/.exec(name) ?? []
  return storeHash === undefined ? [] : [storeHash]
}
