import assert from 'node:assert/strict'
import { closeSync, openSync, readdirSync, readSync, statSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runtime } from '../harness/runtime.ts'
import { oldestAndNewestNix } from '../harness/nix-versions.ts'
import type { NixWorld } from '../harness/nix-world.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes, storeHash } from '../harness/store-paths.ts'

for (const nix of oldestAndNewestNix) {
  describe(`a stored file is damaged behind the server's back, Nix ${nix.version}, ${runtime}`, () => {
    let stage: Stage
    let reader: NixWorld
    let big: string
    let top: string

    before(async () => {
      stage = await Stage.set(nix)
      big = await build(stage.owner, 'big')
      top = await build(stage.owner, 'top')
      await stage.owner.cachixOk(['push', stage.cache, big, top])
      reader = await stage.addConfiguredReader()
    })
    after(() => stage[Symbol.asyncDispose]())

    it('one flipped bit: the server does not serve it, and pushing again mends it', async () => {
      flipBit(largestFile(`${stage.server.dataDirectory}/packs`), 3_000_000)
      const copied = await reader.run(['nix', 'copy', '--from', stage.server.pathUrl(stage.cache), big])
      assert.notEqual(copied.status, 0)
      assert.notEqual((await reader.run(['nix-store', '--check-validity', big])).status, 0)
      await stage.owner.cachixOk(['push', stage.cache, big])
      const whole = await stage.addConfiguredReader()
      await whole.runOk(['nix', 'copy', '--from', stage.server.pathUrl(stage.cache), big])
    })

    it('cut short: the server refuses and says so', async () => {
      truncateSync(largestFile(`${stage.server.dataDirectory}/packs`), 4_000_000)
      const cache = stage.server.pathUrl(stage.cache)
      const narinfo = await (await fetch(`${cache}/${storeHash(big)}.narinfo`)).text()
      const response = await fetch(`${cache}/${/^URL: (.*)$/m.exec(narinfo)?.[1]}`)
      assert.ok(response.status >= 400, `status ${response.status}`)
      assert.match(await response.text(), /^[^\n]+\n?$/)
      const copied = await reader.run(['nix', 'copy', '--from', cache, big])
      assert.notEqual(copied.status, 0)
    })

    it('everything else is served as before', async () => {
      await reader.runOk(['nix-store', '--realise', top])
      await checkWhole(reader, await closureHashes(stage.owner, top))
    })
  })
}

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
