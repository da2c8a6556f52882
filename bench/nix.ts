import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'

/** The environment in which Nix works on the bench's own store and reads nobody's settings. */
export function nixEnvironment(home: string): NodeJS.ProcessEnv {
  mkdirSync(`${home}/etc`, { recursive: true })
  return {
    ...process.env,
    HOME: home,
    XDG_CACHE_HOME: `${home}/cache`,
    XDG_CONFIG_HOME: `${home}/config`,
    NIX_REMOTE: 'local',
    NIX_CONF_DIR: `${home}/etc`,
    NIX_CONFIG: 'build-users-group =\nsandbox = false\nsubstituters =\nexperimental-features = nix-command\n',
  }
}

/** Runs a Nix command to its end and returns what it printed. */
export function runNix(command: string, args: readonly string[], input = ''): string {
  const env = nixEnvironment('/nix/home')
  const { status, stdout, stderr } = spawnSync(command, args, {
    env,
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(`${command} ${args[0]} failed (${status}): ${stderr}`)
  return stdout
}
