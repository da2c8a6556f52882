import { spawnSync } from 'node:child_process'

/** The `unshare` that gives a process mounts of its own: without root where the machine allows it. */
const unshare: readonly string[] = findUnshare()

const bindNix = 'mount --bind "$0" /nix && exec "$@"'

/** Runs `command` where `directory` is mounted over `/nix`, so that it sees a private /nix/store. */
export function withPrivateNix(directory: string, command: readonly string[]): readonly string[] {
  return [...unshare, 'sh', '-c', bindNix, directory, ...command]
}

/** Whether programs can be run as other users of this machine. A user namespace of one's own has only one. */
export const otherUsers: boolean = process.geteuid?.() === 0 && works(['unshare', '-m'])

/** `withPrivateNix`, as another user. Only where `otherUsers`. */
export function withPrivateNixAs(
  uid: number,
  directory: string,
  command: readonly string[],
): readonly string[] {
  const asUser = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--', ...command]
  return ['unshare', '-m', 'sh', '-c', bindNix, directory, ...asUser]
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
  const choice = choices.find(works)
  if (choice !== undefined) return choice
  throw new Error('These tests need mounts of their own: allow user namespaces, or run them as root.')
}

function works([program = '', ...options]: readonly string[]): boolean {
  return spawnSync(program, [...options, 'true'], { stdio: 'ignore' }).status === 0
}
