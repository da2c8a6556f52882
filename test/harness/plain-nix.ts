import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderSecretKey, type SecretKey } from '@cachix/protocol'
import type { Finished } from './run.ts'
import type { NixWorld } from './nix-world.ts'
import { savedKey } from './saved-key.ts'
import type { Stage } from './stage.ts'
import { packagesFile } from './store-paths.ts'

/** The owner of a cache who has nothing but Nix: a key file and a netrc with the token. */
export class PlainNix {
  readonly world: NixWorld
  /** Of the cache, with the parameter that has Nix sign. */
  readonly url: string
  /** Of the cache. */
  readonly key: SecretKey
  readonly #netrc: string

  constructor(stage: Stage) {
    this.world = stage.owner
    const keyFile = join(this.world.home, 'key')
    this.key = savedKey(stage)
    writeFileSync(keyFile, renderSecretKey(this.key))
    this.url = `${stage.server.hostUrl(stage.cache)}?secret-key=${keyFile}`
    this.#netrc = join(this.world.home, 'netrc')
    this.writeNetrc(stage.server.ownerToken)
  }

  writeNetrc(token: string): void {
    const hosts = ['localhost', 'stage.localhost']
    const lines = hosts.map((host) => `machine ${host} login anybody password ${token}\n`)
    writeFileSync(this.#netrc, lines.join(''))
  }

  /** Runs `nix` with the netrc. */
  run(nixArguments: readonly string[]): Promise<Finished> {
    return this.world.run(['nix', ...nixArguments, '--option', 'netrc-file', this.#netrc])
  }

  async runOk(nixArguments: readonly string[]): Promise<string> {
    const { status, stdout, output } = await this.run(nixArguments)
    assert.equal(status, 0, `nix ${nixArguments.join(' ')} ended with ${status}:\n${output}`)
    return stdout.trimEnd()
  }

  /** `nix copy --to`; `parameters` are added to the cache's URL. */
  push(paths: readonly string[], parameters = ''): Promise<string> {
    return this.runOk(['copy', '--to', this.url + parameters, ...paths])
  }

  /** Builds a small path of that name, with a reference. */
  build(name: string): Promise<string> {
    const expression = `(import ${packagesFile}).named "${name}"`
    return this.world.runOk(['nix-build', '--no-out-link', '-E', expression])
  }
}
