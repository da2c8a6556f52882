import { after, before, describe, it } from 'node:test'
import { CurrentClient } from '../cachix-client/current-client.ts'
import { dumpPath } from '../cachix-client/dumped-path.ts'
import { LegacyClient } from '../cachix-client/legacy-client.ts'
import { Wire } from '../cachix-client/wire.ts'
import { NixDaemon, throughDaemon } from '../harness/nix-daemon.ts'
import { nixVersions } from '../harness/nix-versions.ts'
import type { NixWorld } from '../harness/nix-world.ts'
import { PlainNix } from '../harness/plain-nix.ts'
import { runtime } from '../harness/runtime.ts'
import { Stage } from '../harness/stage.ts'
import { checkWhole, closureHashes } from '../harness/store-paths.ts'

/** How a closure, dependencies first, comes into the cache. */
type Push = (stage: Stage, plain: PlainNix, closure: readonly string[]) => Promise<unknown>

const pushes: Readonly<Record<string, Push>> = {
  'nix copy': (_stage, plain, closure) => plain.push(closure),
  'the Cachix client': async (stage, plain, closure) => {
    using wire = wireOf(stage, '1.11.1')
    const client = new CurrentClient(wire, { cache: stage.cache, chunkSize: 1000 })
    await client.push(await dump(plain, closure, 'zst'))
  },
  'the Cachix client before 1.3': async (stage, plain, closure) => {
    using wire = wireOf(stage, '1.0.0')
    const client = new LegacyClient(wire, { cache: stage.cache, compression: 'xz' })
    await client.push(await dump(plain, closure, 'xz'))
  },
  'cachix push': (stage, plain, closure) => plain.world.cachixOk(['push', stage.cache, ...closure]),
}

function wireOf({ server }: Stage, version: string): Wire {
  return new Wire(server.port, { version, token: server.ownerToken })
}

function dump(plain: PlainNix, closure: readonly string[], compression: 'zst' | 'xz') {
  return Promise.all(closure.map((path) => dumpPath(plain.world, path, { compression, key: plain.key })))
}

/** What one version pushes is read by the next. */
for (const [index, nix] of nixVersions.entries()) {
  const other = nixVersions[(index + 1) % nixVersions.length]
  for (const visibility of ['public', 'private']) {
    describe(`a ${visibility} cache, pushed to from Nix ${nix.version}, ${runtime}`, () => {
      let stage: Stage
      const pushed = new Map<string, string>()

      before(async () => {
        stage = await Stage.set(nix, { create: [`--${visibility}`] })
        const plain = new PlainNix(stage)
        for (const [name, push] of Object.entries(pushes)) {
          const path = await plain.build(`by-${name.replaceAll(' ', '-')}`)
          await push(stage, plain, [...(await closureHashes(plain.world, path)).keys()])
          pushed.set(name, path)
        }
      })
      after(() => stage[Symbol.asyncDispose]())

      async function configuredReader(): Promise<NixWorld> {
        const reader = stage.addReader(other)
        if (visibility === 'private') await reader.cachixOk(['authtoken', stage.server.ownerToken])
        await reader.cachixOk(['use', stage.cache, '--mode', 'user-nixconf'])
        return reader
      }

      async function checkFetched(reader: NixWorld, environment: Record<string, string> = {}): Promise<void> {
        for (const path of pushed.values()) {
          await reader.runOk(['nix-store', '--realise', path], { environment })
          await checkWhole(reader, await closureHashes(stage.owner, path))
        }
      }

      const ways = Object.keys(pushes).join(', ')
      it(`what came by ${ways} is fetched by Nix ${other?.version}, signatures required`, async () => {
        await checkFetched(await configuredReader())
      })

      it(`what came by ${ways} is fetched by the daemon of Nix ${other?.version}`, async () => {
        const reader = await configuredReader()
        await using _daemon = await NixDaemon.start(reader)
        await checkFetched(reader, throughDaemon)
      })
    })
  }
}
