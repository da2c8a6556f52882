import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { CurrentClient } from '../cachix-client/current-client.ts'
import { dumpedFromMade, dumpPath, type DumpedPath } from '../cachix-client/dumped-path.ts'
import { importFrom } from '../cachix-client/importer.ts'
import { PushDaemon } from '../cachix-client/push-daemon.ts'
import { StoreWatcher } from '../cachix-client/store-watcher.ts'
import { Wire } from '../cachix-client/wire.ts'
import { makePath } from '../harness/made-path.ts'
import { anyNix } from '../harness/nix-versions.ts'
import { runtime } from '../harness/runtime.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes, storeHash } from '../harness/store-paths.ts'

const chunkSize = 1_000_000

/** Each in a cache of its own. */
describe(`the genuine Cachix client's other commands, ${runtime}`, () => {
  let stage: Stage
  let wire: Wire
  before(async () => {
    stage = await Stage.set(anyNix, { create: ['--managed-key'] })
    wire = new Wire(stage.server.port, { version: '1.11.1', token: stage.server.ownerToken })
  })
  after(async () => {
    wire[Symbol.dispose]()
    await stage[Symbol.asyncDispose]()
  })

  async function clientOf(cache: string): Promise<CurrentClient> {
    await stage.owner.cachixOk(['create', cache, '--managed-key'])
    return new CurrentClient(wire, { cache, chunkSize })
  }

  async function assertFetched(cache: string, path: string): Promise<void> {
    const reader = stage.addReader()
    await reader.cachixOk(['use', cache, '--mode', 'user-nixconf'])
    await reader.runOk(['nix-store', '--realise', path])
    await checkWhole(reader, await closureHashes(stage.owner, path))
  }

  const closureOf = async (path: string) => [...(await closureHashes(stage.owner, path)).keys()]
  const dumps = new Map<string, Promise<DumpedPath>>()
  /** Once: many Nix commands at a time wait for each other. */
  function dump(path: string): Promise<DumpedPath> {
    const dumped = dumps.get(path) ?? dumpPath(stage.owner, path, { compression: 'zst' })
    dumps.set(path, dumped)
    return dumped
  }

  it('watch-store: closures that overlap, seen at once and as they are built, by several watchers', async () => {
    const client = await clientOf('watched')
    const top = await build(stage.owner, 'top')
    const word = await build(stage.owner, 'word')
    const closure = await closureOf(top)
    const gone = `/nix/store/${'0'.repeat(32)}-gone`
    const watcher = new StoreWatcher(client, {
      closureOf: async (path) => (path === gone ? [gone] : [...(await closureOf(path))].reverse()),
      dump: async (path) => (path === gone ? undefined : dump(path)),
    })
    await Promise.all([...closure.map((path) => watcher.sees([path])), watcher.sees([top, gone, word])])
    await watcher.sees([top])
    assert.deepEqual(await client.missing([...closure, word].map(storeHash)), [])
    await assertFetched('watched', top)
  })

  it('daemon, and watch-exec by its hook: the paths of many requests, asked about together', async () => {
    const client = await clientOf('daemon')
    const daemon = new PushDaemon(client, { batchSize: 10, jobs: 8 })
    const many = await build(stage.owner, 'many')
    const members = await Promise.all((await closureOf(many)).map(dump))
    // As the hook has them: each with its closure as soon as it is built.
    const requests = members.map((member) => [member])
    await Promise.all([daemon.push([...requests, members]), daemon.push([members.toReversed()])])
    await daemon.push([members])
    assert.deepEqual(await client.missing(members.map((member) => member.storeHash)), [])
    await assertFetched('daemon', many)
  })

  it('daemon: 210 paths in questions of 100, sent while it still asks, needing each other backwards', async () => {
    const client = await clientOf('batches')
    const paths = [makePath('member-0', { type: 'regular', contents: randomBytes(2000) })]
    for (let number = 1; number < 210; number++) {
      const { storeHash: hash, name } = paths[number - 1]!
      paths.push(
        makePath(`member-${number}`, { type: 'regular', contents: randomBytes(2000) }, [`${hash}-${name}`]),
      )
    }
    const daemon = new PushDaemon(client, { batchSize: 100, jobs: 8 })
    const backwards = paths.toReversed().map(dumpedFromMade)
    await daemon.push([backwards.slice(0, 120), backwards.slice(110)])
    assert.deepEqual(await client.missing(backwards.map((path) => path.storeHash)), [])
  })

  for (const compression of ['xz', 'zstd'])
    it(`import: the files of another cache as they are, in ${compression}, in the order of their hashes`, async () => {
      const client = await clientOf(`imported-${compression}`)
      const top = await build(stage.owner, 'top')
      const directory = join(stage.owner.home, `bucket-${compression}`)
      await stage.owner.runOk(['nix', 'copy', '--to', `file://${directory}?compression=${compression}`, top])
      await importFrom(directory, client)
      await importFrom(directory, client)
      await assertFetched(`imported-${compression}`, top)
      const deriver = await stage.owner.runOk(['nix-store', '--query', '--deriver', top])
      const narinfo = await fetch(
        `${stage.server.pathUrl(`imported-${compression}`)}/${storeHash(top)}.narinfo`,
      )
      assert.ok((await narinfo.text()).includes(`Deriver: ${deriver.slice('/nix/store/'.length)}\n`))
    })

  it('pin: what is in the cache, in every way of keeping it; what is not is refused, with a sentence', async () => {
    const client = await clientOf('pinned')
    const leaf = await build(stage.owner, 'leaf')
    const pin = { storePath: leaf, artifacts: ['run', 'deep/er/two words'], keep: null }
    await assert.rejects(client.pin('v1', pin), /404 .*not in/)
    await client.push([await dump(leaf)])
    const keeps = [null, { tag: 'Days', contents: 30 }, { tag: 'Revisions', contents: 5 }, { tag: 'Forever' }]
    for (const keep of keeps) await client.pin('v1', { ...pin, keep })
    const pins = await wire.ask({ method: 'GET', path: '/cache/pinned/pin' })
    const [listed] = pins as [{ name: string; keep: unknown; lastRevision: { storePath: string } }]
    assert.deepEqual(
      [listed.name, listed.keep, listed.lastRevision.storePath],
      ['v1', { tag: 'Forever' }, leaf],
    )
  })

  it('doctor: what the cache is, and whether a path is in it', async () => {
    const client = await clientOf('examined')
    const small = await dump(await build(stage.owner, 'small'))
    assert.equal((await client.getCache()).permission, 'Admin')
    assert.deepEqual(await client.missing([small.storeHash]), [small.storeHash])
    await client.send(small)
    assert.deepEqual(await client.missing([small.storeHash]), [])
  })

  for (const [who, token] of [
    ['without a token', ''],
    ['with one that is wrong', 'nonsense'],
  ] as const)
    it(`doctor, of a private cache, ${who}: 401, and a text for people that tells nothing`, async () => {
      await stage.owner.cachixOk([
        'create',
        `secret-${token}`.replace(/-$/, ''),
        '--private',
        '--managed-key',
      ])
      using other = new Wire(stage.server.port, { version: '1.11.1', token })
      const answers = await Promise.all(
        [`secret-${token}`.replace(/-$/, ''), 'there-is-none'].map(async (name) => {
          const { status, body } = await other.call({ method: 'GET', path: `/cache/${name}` })
          return [status, body.toString().replaceAll(name, 'NAME')]
        }),
      )
      assert.deepEqual(answers[0], answers[1])
      assert.equal(answers[0]![0], 401)
      assert.match(String(answers[0]![1]), /^[A-Z][^<{]+\.\n$/)
    })
})
