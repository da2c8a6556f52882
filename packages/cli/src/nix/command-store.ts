import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { baseNameOf } from '@cachix/protocol'
import { CliError } from '../cli-error.ts'
import { parsePathInfoJson } from './path-info-json.ts'
import { sortClosure } from './sort-closure.ts'
import type { PathInfo, StoreReader } from './store-reader.ts'

interface CommandStoreOptions {
  readonly storeDir: string
  /** The program, found on PATH unless it has a slash. */
  readonly nix?: string | undefined
}

/** Runs `nix path-info`: slower than the others, but works with every store Nix itself can read. */
export function openCommandStore(options: CommandStoreOptions): StoreReader {
  return new CommandStore(options)
}

class CommandStore implements StoreReader {
  readonly storeDir: string
  readonly #nix: string

  constructor(options: CommandStoreOptions) {
    this.storeDir = options.storeDir
    this.#nix = options.nix ?? 'nix'
  }

  async validPaths(storePaths: readonly string[]): Promise<Set<string>> {
    const infos = await this.#pathInfos(storePaths, [])
    return new Set(storePaths.filter((path) => infos.get(baseNameOf(path)) !== undefined))
  }

  async closure(storePaths: readonly string[]): Promise<PathInfo[]> {
    const valid = await this.validPaths(storePaths)
    const invalid = storePaths.find((path) => !valid.has(path))
    if (invalid !== undefined) {
      throw new CliError('nix', `${invalid} is not valid: the Nix store does not have it.`)
    }
    const infos = await this.#pathInfos(storePaths, ['--recursive'])
    return sortClosure([...infos.values()].filter((info) => info !== undefined))
  }

  /** Only the daemon can. */
  async protect(): Promise<void> {}

  async close(): Promise<void> {}

  async #pathInfos(
    storePaths: readonly string[],
    options: readonly string[],
  ): Promise<Map<string, PathInfo | undefined>> {
    const infos = new Map<string, PathInfo | undefined>()
    for (const batch of batches(storePaths)) {
      for (const [name, info] of await this.#run([...options, ...batch])) infos.set(name, info)
    }
    return infos
  }

  async #run(args: readonly string[]): Promise<Map<string, PathInfo | undefined>> {
    const command = ['path-info', '--extra-experimental-features', 'nix-command', '--json', ...args]
    try {
      const { stdout } = await promisify(execFile)(this.#nix, command, { maxBuffer: maxOutputBytes })
      return parsePathInfoJson(stdout, this.storeDir)
    } catch (error) {
      throw new CliError('nix', explain(this.#nix, error), { cause: error })
    }
  }
}

const maxOutputBytes = 2 ** 30

/** Command lines have a limit: a store path has at most some 260 bytes. */
const pathsPerCommand = 1000

/**
 * A derivation among the paths stands for its outputs unless Nix is told otherwise; told so, it takes the derivation
 * of every other path. So the two kinds never share a command.
 */
function* batches(storePaths: readonly string[]): Iterable<string[]> {
  const derivations = storePaths.filter((path) => path.endsWith('.drv'))
  const others = storePaths.filter((path) => !path.endsWith('.drv'))
  for (const batch of slices(derivations)) yield ['--derivation', ...batch]
  yield* slices(others)
}

function* slices(paths: readonly string[]): Iterable<string[]> {
  for (let at = 0; at < paths.length; at += pathsPerCommand) yield paths.slice(at, at + pathsPerCommand)
}

function explain(nix: string, error: unknown): string {
  const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string }
  if (code === 'ENOENT') return `The program ${nix} was not found: install Nix, or put it on PATH.`
  return `${nix} path-info failed: ${stderr?.trim() || String(error)}`
}
