import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cachix, runtime } from '../harness/runtime.ts'
import { nixVersions } from '../harness/nix-versions.ts'
import type { NixWorld } from '../harness/nix-world.ts'
import { Stage } from '../harness/stage.ts'
import {
  build,
  checkWhole,
  closureHashes,
  packagesFile,
  storeHash,
  type NarHashes,
} from '../harness/store-paths.ts'

for (const nix of nixVersions) {
  describe(`a closure goes to a cache and comes back, Nix ${nix.version}, ${runtime}`, () => {
    let stage: Stage
    let reader: NixWorld
    let top: string
    let big: string
    let hashes: NarHashes

    before(async () => {
      stage = await Stage.set(nix)
      reader = stage.addReader()
      top = await build(stage.owner, 'top')
      big = await build(stage.owner, 'big')
      hashes = new Map([
        ...(await closureHashes(stage.owner, top)),
        ...(await closureHashes(stage.owner, big)),
      ])
    })
    after(() => stage[Symbol.asyncDispose]())

    it('pushes what nix-build prints', async () => {
      const script = `nix-build ${packagesFile} -A top --no-out-link | "$@"`
      await stage.owner.runOk(['sh', '-euc', script, 'sh', ...cachix, 'push', stage.cache])
      assert.equal(hashes.size, 4)
      await assertServed(
        stage,
        [...hashes.keys()].filter((path) => path !== big),
      )
    })

    it('pushes a result link', async () => {
      await stage.owner.runOk(['nix-build', packagesFile, '-A', 'big', '--out-link', 'result'])
      await stage.owner.cachixOk(['push', stage.cache, './result'])
      await assertServed(stage, [big])
    })

    it('pushes the store path that a file belongs to', async () => {
      const pushed = await stage.owner.cachix(['push', stage.cache, `${big}/random`])
      assert.equal(pushed.status, 0, pushed.output)
    })

    it('is configured by `cachix use` without a token', async () => {
      await reader.cachixOk(['use', stage.cache, '--mode', 'user-nixconf'])
      const configuration = readFileSync(join(reader.home, '.config/nix/nix.conf'), 'utf8')
      assert.match(
        configuration,
        new RegExp(`extra-substituters.*http://${stage.cache}\\.localhost:${stage.server.port}`),
      )
      assert.match(configuration, new RegExp(`extra-trusted-public-keys.*${stage.cache}\\.localhost-1:`))
    })

    for (const style of ['host', 'path'] as const) {
      describe(`fetched by the ${style} of the URL`, () => {
        let url: string
        before(() => {
          url = style === 'host' ? stage.server.hostUrl(stage.cache) : stage.server.pathUrl(stage.cache)
        })

        it('is copied by nix copy', async () => {
          reader.wipe()
          await reader.runOk(['nix', 'copy', '--from', url, top, big])
          await checkWhole(reader, hashes)
        })

        it('is substituted by nix-store --realise', async () => {
          reader.wipe()
          await reader.runOk(['nix-store', '--realise', top, big, '--option', 'substituters', url])
          await checkWhole(reader, hashes)
        })

        it('is substituted by nix-build, which builds nothing', async () => {
          reader.wipe()
          const options = ['--no-out-link', '-j0', '--option', 'substituters', url]
          await reader.runOk(['nix-build', packagesFile, '-A', 'top', ...options])
          await checkWhole(reader, new Map([...hashes].filter(([path]) => path !== big)))
        })
      })
    }

    it('is substituted with nothing but what `cachix use` configured', async () => {
      reader.wipe()
      await reader.runOk(['nix-store', '--realise', top])
      assert.equal(await reader.runOk(['cat', `${hashesPath(hashes, 'leaf')}/file`]), 'hello')
      await reader.runOk(['test', '-x', `${hashesPath(hashes, 'leaf')}/run`])
      assert.equal(
        await reader.runOk(['readlink', `${hashesPath(hashes, 'leaf')}/deep/dangling`]),
        '../nowhere',
      )
    })

    it('is configured into a folder of its own by --output-directory', async () => {
      const other = stage.addReader()
      await other.cachixOk(['use', stage.cache, '--output-directory', 'elsewhere'])
      await other.runOk(['nix-store', '--realise', top], {
        environment: { NIX_USER_CONF_FILES: join(other.home, 'elsewhere/nix.conf') },
      })
      assert.throws(() => readFileSync(join(other.home, '.config/nix/nix.conf')), { code: 'ENOENT' })
    })

    it('is no longer used after `cachix remove`', async () => {
      reader.wipe()
      await reader.cachixOk(['remove', stage.cache])
      assert.notEqual((await reader.run(['nix-store', '--realise', top])).status, 0)
    })
  })
}

/** Asks the cache itself. */
async function assertServed(stage: Stage, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const response = await fetch(`${stage.server.pathUrl(stage.cache)}/${storeHash(path)}.narinfo`)
    assert.equal(response.status, 200, path)
    assert.ok((await response.text()).startsWith(`StorePath: ${path}\n`))
  }
}

function hashesPath(hashes: NarHashes, name: string): string {
  const found = [...hashes.keys()].find((path) => path.includes(`-${name}`))
  assert.ok(found)
  return found
}
