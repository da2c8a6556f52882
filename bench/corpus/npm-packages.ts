import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { repository } from '../../test/harness/runtime.ts'

/** Consecutive releases, oldest first. */
const releases: Readonly<Record<string, readonly [string, string, string]>> = {
  '@types/node': ['20.11.28', '20.11.29', '20.11.30'],
  'core-js': ['3.36.0', '3.36.1', '3.37.0'],
  'date-fns': ['3.3.1', '3.4.0', '3.5.0'],
  eslint: ['8.55.0', '8.56.0', '8.57.0'],
  lodash: ['4.17.19', '4.17.20', '4.17.21'],
  prettier: ['3.2.3', '3.2.4', '3.2.5'],
  'react-dom': ['18.2.0', '18.3.0', '18.3.1'],
  rollup: ['4.12.1', '4.13.0', '4.13.1'],
  rxjs: ['7.8.0', '7.8.1', '7.8.2'],
  svelte: ['4.2.10', '4.2.11', '4.2.12'],
  typescript: ['5.4.3', '5.4.4', '5.4.5'],
  vue: ['3.4.19', '3.4.20', '3.4.21'],
  webpack: ['5.90.1', '5.90.2', '5.90.3'],
  zod: ['3.22.2', '3.22.3', '3.22.4'],
}

const directory = `${repository}/.dev/bench/npm`

/** Directories of packages of npm: all first releases, then all second ones, then all third ones. */
export function npmReleases(): string[][] {
  if (!existsSync(directory)) fetchReleases()
  return [0, 1, 2].map((index) =>
    Object.entries(releases).map(([name, versions]) => `${directory}/${fileName(name, versions[index]!)}`),
  )
}

function fileName(name: string, version: string): string {
  return `${name.replace('@', '').replace('/', '-')}-${version}`
}

function fetchReleases(): void {
  process.stderr.write('bench: fetching packages of npm\n')
  const partial = `${directory}.partial`
  mkdirSync(partial, { recursive: true })
  const wanted = Object.entries(releases).flatMap(([name, versions]) =>
    versions.map((version) => `${name}@${version}`),
  )
  run('npm', ['pack', '--silent', '--pack-destination', partial, ...wanted])
  for (const archive of readdirSync(partial).filter((name) => name.endsWith('.tgz'))) {
    const target = `${partial}/${archive.slice(0, -'.tgz'.length)}`
    mkdirSync(target, { recursive: true })
    run('tar', ['-xzf', `${partial}/${archive}`, '-C', target, '--strip-components', '1', '--no-same-owner'])
  }
  renameSync(partial, directory)
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args[0]} failed (${status}): ${stderr}`)
}
