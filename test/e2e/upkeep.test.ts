import assert from 'node:assert/strict'
import { closeSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pushAndFetchBeside } from '../harness/beside-upkeep.ts'
import { CachixServer } from '../harness/cachix-server.ts'
import { runtime } from '../harness/runtime.ts'
import { nixVersions } from '../harness/nix-versions.ts'
import type { NixWorld } from '../harness/nix-world.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes, storeHash } from '../harness/store-paths.ts'
import { TemporaryDirectory } from '../harness/temporary-directory.ts'

const [nix] = nixVersions
assert.ok(nix)

describe(`the data of a running service is looked after, ${runtime}`, () => {
  let stage: Stage
  let reader: NixWorld
  let big: string
  let many: string

  before(async () => {
    stage = await Stage.set(nix)
    big = await build(stage.owner, 'big')
    many = await build(stage.owner, 'many')
    await stage.owner.cachixOk(['push', stage.cache, big])
    reader = await stage.addConfiguredReader()
  })
  after(() => stage[Symbol.asyncDispose]())

  const server = (...words: string[]) =>
    stage.owner.cachix(['server', ...words, '--data', stage.server.dataDirectory])

  it('nothing is lost when it is collected and compacted again and again beside pushes and downloads', async () => {
    await pushAndFetchBeside(stage, async (words) => {
      const { status, output } = await server(...words)
      assert.equal(status, 0, output)
    })
    const { status, stdout } = await server('fsck', '--thorough')
    assert.equal(status, 0, stdout)
    assert.match(stdout, /^All is well\.$/m)
  })

  it('a flipped bit is found and not served; what is named is pushed again, and all is well', async () => {
    flipBit(largestFile(join(stage.server.dataDirectory, 'packs')), 3_000_000)
    const found = await server('fsck', '--repair')
    assert.equal(found.status, 1)
    assert.match(found.stdout, /^Damaged: pack [0-9a-f]{64}$/m)
    const named = found.stdout.match(/\/nix\/store\/\S+$/gm) ?? []
    assert.equal(named.length, 1, found.stdout)
    const [damaged = ''] = named
    assert.equal(
      (await fetch(`${stage.server.pathUrl(stage.cache)}/${storeHash(damaged)}.narinfo`)).status,
      404,
    )

    await stage.owner.cachixOk(['push', stage.cache, damaged])
    assert.equal((await server('fsck', '--thorough')).status, 0)
    reader.wipe()
    await reader.runOk(['nix-store', '--realise', big, many])
    await checkWhole(reader, await closureHashes(stage.owner, many))
  })

  it('what is stored is measured', async () => {
    assert.match((await server('stats')).stdout, /^stage +\d+ /m)
    const usage = JSON.parse((await server('stats', '--json')).stdout) as Record<string, unknown>
    assert.ok(Number(usage['logical']) > 20_000_000)
  })

  it('a backup is served like the original', async () => {
    using directory = new TemporaryDirectory('backup')
    const target = join(directory.path, 'data')
    const { status, output } = await server('backup', target)
    assert.equal(status, 0, output)
    const checked = await stage.owner.cachix(['server', 'fsck', '--thorough', '--data', target])
    assert.equal(checked.status, 0, checked.stdout)
    await using restored = await CachixServer.start({ dataDirectory: target })
    const path = `${stage.cache}/${storeHash(big)}.narinfo`
    const [original, copy] = await Promise.all(
      [stage.server, restored].map(async ({ url }) => (await fetch(`${url}/${path}`)).text()),
    )
    assert.match(original ?? '', /^StorePath: /)
    assert.equal(copy, original)
  })
})

function largestFile(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const largest = files.sort((one, other) => statSync(other).size - statSync(one).size)[0]
  assert.ok(largest)
  return largest
}

function flipBit(file: string, position: number): void {
  const handle = openSync(file, 'r+')
  const byte = Buffer.alloc(1)
  readSync(handle, byte, 0, 1, position)
  byte[0]! ^= 1
  writeSync(handle, byte, 0, 1, position)
  closeSync(handle)
}
