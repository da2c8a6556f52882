import { mkdir, readFile } from 'node:fs/promises'
import { cache, localCachix, ownerToken } from '../local-cachix.ts'
import type { LocalCachix } from '../local-cachix.ts'
import type { Outcome } from '../run-cli.ts'
import { runCli } from '../run-cli.ts'
import type { TemporaryDirectory } from '../temporary-directory.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

export const mine = cache('mine')

export interface Machine extends AsyncDisposable {
  readonly service: LocalCachix
  readonly directory: TemporaryDirectory
  readonly userConf: string
  readonly systemConf: string
  /** Runs cachix as the machine's user, who has no $USER. */
  run(...args: readonly string[]): Promise<Outcome>
}

/** A service with the public cache `mine` and the private cache `secret`, and a Nix whose settings lie in a directory. */
export async function machine(): Promise<Machine> {
  const service = await localCachix()
  service.caches.set('mine', mine)
  service.caches.set('secret', cache('secret', { isPublic: false }))
  const directory = await temporaryDirectory()
  await mkdir(directory.at('etc'))
  await mkdir(directory.at('home', 'nix'), { recursive: true })
  const environment = {
    XDG_CONFIG_HOME: directory.at('home'),
    NIX_CONF_DIR: directory.at('etc'),
    CACHIX_HOST: service.host,
    CACHIX_AUTH_TOKEN: ownerToken,
  }
  return {
    service,
    directory,
    userConf: directory.at('home', 'nix', 'nix.conf'),
    systemConf: directory.at('etc', 'nix.conf'),
    run: (...args) => runCli(args, environment),
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
}

export function read(path: string): Promise<string> {
  return readFile(path, 'utf8')
}
