import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { runtime } from '../harness/runtime.ts'
import { withSmallDisk } from '../harness/namespace.ts'
import { anyNix } from '../harness/nix-versions.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes } from '../harness/store-paths.ts'

const diskMegabytes = 80
const fillerMegabytes = 55

describe(`the server's disk is full, ${runtime}`, () => {
  let stage: Stage
  let small: string
  let huge: string

  before(async () => {
    stage = await Stage.set(anyNix, {
      server: { wrap: (command, data) => withSmallDisk(data, diskMegabytes, command) },
    })
    small = await build(stage.owner, 'small')
    huge = await build(stage.owner, 'huge')
    await stage.owner.cachixOk(['push', stage.cache, small])
    writeFileSync(filler(), Buffer.alloc(fillerMegabytes * 1024 * 1024))
  })
  after(() => stage[Symbol.asyncDispose]())

  it('says so to who pushes', async () => {
    const pushed = await stage.owner.cachix(['push', stage.cache, huge])
    assert.equal(pushed.status, 1, pushed.output)
    assert.match(pushed.output, /\b(disk|space|room|full)\b/)
    assert.doesNotMatch(pushed.output, /\n\s+at /)
  })

  it('serves what it has', async () => {
    const reader = await stage.addConfiguredReader()
    await reader.runOk(['nix-store', '--realise', small])
    await checkWhole(reader, await closureHashes(stage.owner, small))
  })

  it('takes pushes again as soon as there is room', async () => {
    rmSync(filler())
    const pushed = await stage.owner.cachix(['push', stage.cache, huge])
    assert.equal(pushed.status, 0, pushed.output)
    const reader = await stage.addConfiguredReader()
    await reader.runOk(['nix-store', '--realise', huge])
    await checkWhole(reader, await closureHashes(stage.owner, huge))
  })

  /** A file on the server's disk, which only the server has mounted. */
  function filler(): string {
    return `/proc/${stage.server.pid}/root${stage.server.dataDirectory}/filler`
  }
})
