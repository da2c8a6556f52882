import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './runtime.ts'

export interface NixVersion {
  /** For example `2.26.3`. */
  readonly version: string
  /** The folder with `nix`, `nix-build` and `nix-store`. */
  readonly programs: string
}

/** The installed Nix and those that `dev/setup` has unpacked, oldest first. */
export const nixVersions: readonly NixVersion[] = findNixVersions()

/** For what does not depend on the version. */
export const anyNix: NixVersion = nixVersions[0]!

/** For what has changed at some time: what lies between them is like one or the other. */
export const oldestAndNewestNix: readonly NixVersion[] = [...new Set([anyNix, nixVersions.at(-1)!])]

function findNixVersions(): NixVersion[] {
  const installed = (process.env['PATH'] ?? '')
    .split(':')
    .find((folder) => existsSync(join(folder, 'nix-store')))
  const unpacked = globSync('.dev/nix-*/bin', { cwd: repository }).map((folder) => join(repository, folder))
  const folders = installed === undefined ? unpacked : [installed, ...unpacked]
  const found = new Map(folders.map((programs) => [versionOf(programs), programs]))
  if (found.size === 0) throw new Error('There is no Nix here: run dev/setup test.')
  return [...found]
    .map(([version, programs]) => ({ version, programs }))
    .sort((one, other) => one.version.localeCompare(other.version, 'en', { numeric: true }))
}

function versionOf(programs: string): string {
  const { stdout } = spawnSync(join(programs, 'nix'), ['--version'], { encoding: 'utf8' })
  const version = /(\d+(?:\.\d+)+)/.exec(stdout)?.[1]
  if (version === undefined) throw new Error(`${programs}/nix --version says: ${stdout}`)
  return version
}
