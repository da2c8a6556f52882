import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Why tests that need Nix cannot run; false when they can. (`nix-store --version` would make a store in this machine's /nix.) */
export const withoutNix: string | false =
  spawnSync('nix', ['--version']).status === 0 ? false : 'NOT TESTED: Nix is not installed here'

/** A Nix store of its own in a temporary directory, built by the Nix that is installed. */
export interface NixFixture {
  readonly storeDir: string
  readonly stateDir: string
  readonly environment: NodeJS.ProcessEnv
  run(program: string, ...args: readonly string[]): Promise<string>
  /** Builds a Nix expression in which `make name script` runs a shell script and `$out` is its result. Gives the outputs. */
  build(expression: string): Promise<string[]>
  remove(): Promise<void>
}

const prelude = `let make = name: script: derivation {
  inherit name; system = builtins.currentSystem; PATH = "/usr/bin:/bin"; builder = "/bin/sh"; args = [ "-c" script ];
}; in `

export async function createNixFixture(): Promise<NixFixture> {
  const directory = await mkdtemp(join(tmpdir(), 'nix-'))
  const [storeDir, stateDir] = [join(directory, 'store'), join(directory, 'state')]
  await Promise.all([mkdir(storeDir), mkdir(stateDir), mkdir(join(directory, 'conf'))])
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    HOME: directory,
    NIX_STORE_DIR: storeDir,
    NIX_STATE_DIR: stateDir,
    NIX_LOG_DIR: join(directory, 'log'),
    NIX_CONF_DIR: join(directory, 'conf'),
    NIX_REMOTE: 'local',
    NIX_CONFIG:
      'sandbox = false\nbuild-users-group =\nsubstitute = false\nexperimental-features = nix-command',
  }
  async function run(program: string, ...args: readonly string[]): Promise<string> {
    return (await promisify(execFile)(program, args, { env: environment, cwd: directory })).stdout.trim()
  }
  return {
    storeDir,
    stateDir,
    environment,
    run,
    build: async (expression) =>
      (await run('nix-build', '--no-out-link', '-E', prelude + expression)).split('\n'),
    remove: async () => {
      await makeWritable(directory)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Nix takes the right to write from everything in a store. */
async function makeWritable(directory: string): Promise<void> {
  await promisify(execFile)('chmod', ['-R', 'u+w', directory]).catch(() => chmod(directory, 0o700))
}
