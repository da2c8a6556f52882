/** A binary cache to import from. Every method throws CliError `source`, and the signal's reason. */
export interface CacheSource {
  /** As the user knows it. */
  readonly name: string
  /** A small text file of the cache, by its name in it; undefined if there is none. */
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
