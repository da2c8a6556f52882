import { spawnSync } from 'node:child_process'

/** The `unshare` that gives a process mounts of its own: without root where the machine allows it. */
const unshare: readonly string[] = findUnshare()

/** Runs `command` where `directory` is mounted over `/nix`, so that it sees a private /nix/store. */
export function withPrivateNix(directory: string, command: readonly string[]): readonly string[] {
  return [...unshare, 'sh', '-c', 'mount --bind "$0" /nix && exec "$@"', directory, ...command]
}

/** Runs `command` where `directory` is an empty file system of `megabytes`. */
export function withSmallDisk(
  directory: string,
  megabytes: number,
  command: readonly string[],
): readonly string[] {
  const script = `mkdir -p "$0" && mount -t tmpfs -o size=${megabytes}m tmpfs "$0" && exec "$@"`
  return [...unshare, 'sh', '-c', script, directory, ...command]
}

function findUnshare(): readonly string[] {
  const choices = [
    ['unshare', '-Urm'],
    ['unshare', '-m'],
  ]
  const choice = choices.find(([program = '', ...options]) => {
    return spawnSync(program, [...options, 'true'], { stdio: 'ignore' }).status === 0
  })
  if (choice !== undefined) return choice
  throw new Error('These tests need mounts of their own: allow user namespaces, or run them as root.')
}
