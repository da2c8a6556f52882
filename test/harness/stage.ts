import { CachixServer, type ServerOptions } from './cachix-server.ts'
import { NixWorld } from './nix-world.ts'
import type { NixVersion } from './nix-versions.ts'

export interface StageOptions {
  readonly server?: ServerOptions
  /** Options of `cachix create`. */
  readonly create?: readonly string[]
}

/** What most scenarios start from: a server, a cache on it, and a machine that may push to it. */
export class Stage implements AsyncDisposable {
  readonly server: CachixServer
  /** The machine of the cache's owner. */
  readonly owner: NixWorld
  readonly cache = 'stage'
  readonly #nix: NixVersion
  readonly #worlds: NixWorld[] = []

  static async set(nix: NixVersion, options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(nix, await CachixServer.start(options.server))
    await stage.owner.cachixOk(['authtoken', stage.server.ownerToken])
    await stage.owner.cachixOk(['create', stage.cache, ...(options.create ?? [])])
    return stage
  }

  private constructor(nix: NixVersion, server: CachixServer) {
    this.#nix = nix
    this.server = server
    this.owner = this.#addWorld(nix)
  }

  /** Another machine with an empty store: it has no token and trusts the cache only after `cachix use`. */
  addReader(nix = this.#nix): NixWorld {
    return this.#addWorld(nix)
  }

  /** The same, after `cachix use` has told its Nix about the cache. */
  async addConfiguredReader(nix = this.#nix): Promise<NixWorld> {
    const reader = this.addReader(nix)
    await reader.cachixOk(['use', this.cache, '--mode', 'user-nixconf'])
    return reader
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const world of this.#worlds) world[Symbol.dispose]()
    await this.server[Symbol.asyncDispose]()
  }

  #addWorld(nix: NixVersion): NixWorld {
    const world = new NixWorld(nix, { CACHIX_HOST: this.server.url })
    this.#worlds.push(world)
    return world
  }
}
