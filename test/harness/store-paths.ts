import assert from 'node:assert/strict'
import type { NixWorld } from './nix-world.ts'
import { repository } from './runtime.ts'

export const packagesFile = `${repository}/test/harness/packages.nix`

/** NAR hash by store path. */
export type NarHashes = ReadonlyMap<string, string>

/** Builds an attribute of `packages.nix` and gives its store path. */
export function build(world: NixWorld, attribute: string): Promise<string> {
  return world.runOk(['nix-build', packagesFile, '-A', attribute, '--no-out-link'])
}

/** The paths in the closure of `path` and what their contents hash to, as this world's Nix recorded it. */
export async function closureHashes(world: NixWorld, path: string): Promise<NarHashes> {
  const closure = (await world.runOk(['nix-store', '--query', '--requisites', path])).split('\n')
  const hashes = (await world.runOk(['nix-store', '--query', '--hash', ...closure])).split('\n')
  return new Map(closure.map((member, index) => [member, hashes[index]!]))
}

/** Checks that the world has every path with just those contents, and that Nix trusts a signature on each. */
export async function checkWhole(world: NixWorld, expected: NarHashes): Promise<void> {
  const paths = [...expected.keys()]
  const hashes = (await world.runOk(['nix-store', '--query', '--hash', ...paths])).split('\n')
  assert.deepEqual(hashes, [...expected.values()])
  await world.runOk(['nix-store', '--verify-path', ...paths])
  await world.runOk(['nix', 'store', 'verify', '--sigs-needed', '1', ...paths])
}

/** The 32 characters that name a store path. */
export function storeHash(path: string): string {
  return path.slice('/nix/store/'.length, '/nix/store/'.length + 32)
}
