import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { CurrentClient } from '../cachix-client/current-client.ts'
import { dumpPath, type DumpedPath } from '../cachix-client/dumped-path.ts'
import { Wire } from '../cachix-client/wire.ts'
import { anyNix } from '../harness/nix-versions.ts'
import { runtime } from '../harness/runtime.ts'
import { Stage } from '../harness/stage.ts'
import { StaticServer } from '../harness/static-server.ts'
import { build, checkWhole, closureHashes, storeHash, type NarHashes } from '../harness/store-paths.ts'

/** A web server has what `top` needs, as `nix copy` has written and signed it. */
describe(`the genuine client's pushes to a cache with an upstream, Nix ${anyNix.version}, ${runtime}`, () => {
  let upstream: StaticServer
  let upstreamKey: string
  let stage: Stage
  let wire: Wire
  let top: string
  let needed: string[]
  let hashes: NarHashes
  let paths: DumpedPath[]

  before(async () => {
    upstream = await StaticServer.start()
    const environment = { CACHIX_SERVE_ASK_UPSTREAMS: upstream.url }
    stage = await Stage.set(anyNix, { server: { environment }, create: ['--managed-key'] })
    wire = new Wire(stage.server.port, { version: '1.11.1', token: stage.server.ownerToken })
    const { owner } = stage
    top = await build(owner, 'top')
    hashes = await closureHashes(owner, top)
    needed = [...hashes.keys()].filter((path) => path !== top)
    const generate = ['nix-store', '--generate-binary-cache-key', 'up.example-1', 'secret', 'public']
    await owner.runOk(generate)
    upstreamKey = readFileSync(join(owner.home, 'public'), 'utf8').trim()
    const target = `file://${owner.home}/upstream?secret-key=${owner.home}/secret&compression=none`
    await owner.runOk(['nix', 'copy', '--to', target, ...needed])
    upstream.directory = `${owner.home}/upstream`
    await declare(stage.cache)
    paths = await Promise.all(
      Array.from(hashes.keys(), (path) => dumpPath(owner, path, { compression: 'zst' })),
    )
  })
  after(async () => {
    wire[Symbol.dispose]()
    await stage[Symbol.asyncDispose]()
    await upstream[Symbol.asyncDispose]()
  })

  const clientOf = (cache: string) => new CurrentClient(wire, { cache, chunkSize: 1_000_000 })
  const declare = (cache: string) =>
    stage.owner.cachixOk(['upstream', 'add', cache, upstream.url, upstreamKey])

  /** Of the closure. */
  async function storedIn(cache: string): Promise<string[]> {
    const stored = []
    for (const path of hashes.keys()) {
      const { ok } = await fetch(`${stage.server.pathUrl(cache)}/${storeHash(path)}.narinfo`)
      if (ok) stored.push(path)
    }
    return stored
  }

  it('leave out what the upstream has, although nobody told the service', async () => {
    assert.deepEqual(upstream.asked, [])
    await clientOf(stage.cache).push(paths)
    assert.deepEqual(await storedIn(stage.cache), [top])
    const narinfos = [...hashes.keys()].map((path) => `/${storeHash(path)}.narinfo`)
    assert.deepEqual(new Set(upstream.asked), new Set(narinfos))
    assert.equal(upstream.asked.length, narinfos.length)
    await clientOf(stage.cache).push(paths)
    assert.equal(upstream.asked.length, narinfos.length, 'nothing is asked again')
  })

  it('are fetched whole by a Nix that uses both', async () => {
    const reader = await stage.addConfiguredReader()
    const also = `extra-substituters = ${upstream.url}
extra-trusted-public-keys = ${upstreamKey}`
    await reader.runOk(['nix-store', '--realise', top], { environment: { NIX_CONFIG: also } })
    const trusting = await reader.runOk(['nix-store', '--query', '--hash', ...hashes.keys()])
    assert.deepEqual(trusting.split('\n'), [...hashes.values()])
    await reader.runOk(['nix-store', '--verify-path', ...hashes.keys()])
  })

  it('count on the upstream until somebody stores what they need', async () => {
    const { owner, cache } = stage
    const remove = ['upstream', 'remove', cache, upstream.url]
    const refused = await owner.cachix(remove)
    assert.equal(refused.status, 1)
    assert.match(refused.output, /--include-upstream/)
    const asked = upstream.asked.length
    await owner.cachixOk(['push', cache, top, '--include-upstream'])
    assert.equal(upstream.asked.length, asked, 'our own client has nobody asked')
    await owner.cachixOk(remove)
    assert.deepEqual(await storedIn(cache), [...hashes.keys()])
  })

  it('count on the upstream until what they need is imported from it', async () => {
    const { owner } = stage
    await owner.cachixOk(['create', 'importing', '--managed-key'])
    await declare('importing')
    await clientOf('importing').push(paths)
    assert.deepEqual(await storedIn('importing'), [top])
    await owner.cachixOk(['import', 'importing', upstream.url, ...needed])
    await owner.cachixOk(['upstream', 'remove', 'importing', upstream.url])
    assert.deepEqual(await storedIn('importing'), [...hashes.keys()])
  })

  it('store everything once the cache has no upstream', async () => {
    await stage.owner.cachixOk(['create', 'everything', '--managed-key'])
    await declare('everything')
    await stage.owner.cachixOk(['upstream', 'remove', 'everything', upstream.url])
    const asked = upstream.asked.length
    await clientOf('everything').push(paths)
    assert.equal(upstream.asked.length, asked)
    assert.deepEqual(await storedIn('everything'), [...hashes.keys()])
    const reader = stage.addReader()
    await reader.cachixOk(['use', 'everything', '--mode', 'user-nixconf'])
    await reader.runOk(['nix-store', '--realise', top])
    await checkWhole(reader, hashes)
  })

  it('store everything while the upstream is away, and ask it once', async () => {
    await stage.owner.cachixOk(['create', 'later', '--managed-key'])
    await declare('later')
    await upstream[Symbol.asyncDispose]()
    await clientOf('later').push(paths)
    assert.deepEqual(await storedIn('later'), [...hashes.keys()])
    assert.equal(stage.server.output.split('is not asked for a minute').length - 1, 1)
  })
})
