import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { repository } from '../../test/harness/runtime.ts'
import { runNix } from '../nix.ts'
import type { StoreObject } from './store-object.ts'

/** Which build of the real packages in `corpus-rebuild/`. */
export interface Build {
  /** Another edition differs in one byte of the package that all others need, and so in every store hash. */
  readonly edition: '1' | '2'
  /** The packages with a tree of links to all their files (the default), or their manual pages compressed. */
  readonly part?: 'environment' | 'manuals'
  /** Whether the linker gives programs and libraries ids. Those builds are of some packages only. */
  readonly buildIds?: boolean
}

/** What has been built. */
export interface BuiltClosure {
  /** The store path that needs all others. */
  readonly root: string
  /** Dependencies first. */
  readonly objects: readonly StoreObject[]
}

const expression = `${repository}/bench/corpus-rebuild`
const sources = `${repository}/.dev/bench/sources`

/** Builds the packages, or finds them in the bench's store if that has been done. */
export function buildClosure({ edition, part = 'environment', buildIds = false }: Build): BuiltClosure {
  fetchSources()
  process.stderr.write(`bench: ${part}, edition ${edition}${buildIds ? ' with build-ids' : ''}: building\n`)
  const variant = ['--argstr', 'edition', edition, '--arg', 'buildIds', `${buildIds}`, '--attr', part]
  const options = ['--no-out-link', '--max-jobs', '2', '--arg', 'sources', sources, ...variant]
  const root = runNix('nix-build', [...options, expression]).trim()
  const paths = lines(runNix('nix-store', ['--query', '--requisites', root]))
  const objects = paths.map((storePath) => ({
    storePath,
    references: lines(runNix('nix-store', ['--query', '--references', storePath])),
  }))
  return { root, objects }
}

function fetchSources(): void {
  if (existsSync(sources)) return
  process.stderr.write('bench: fetching the sources of packages\n')
  const { status } = spawnSync(`${expression}/fetch-sources`, [sources], { stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error(`${expression}/fetch-sources failed (${status}).`)
}

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean)
}
