import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { baseNameOf } from '@cachix/protocol'
import type { PathInfo } from '../../src/nix/store-reader.ts'
import type { PathOutcome } from '../../src/push/path-outcome.ts'
import { pushInOrder, type PushStages } from '../../src/push/push-in-order.ts'
import { SkipPath } from '../../src/push/skip-path.ts'

function info(index: number, references: readonly number[]): PathInfo {
  const storePath = `/nix/store/p${index}`
  return {
    storePath,
    narHash: '',
    narSize: 1,
    references: references.map((each) => `p${each}`),
    signatures: [],
  }
}

/** References point to earlier paths or to the path itself. */
const graph = fc.array(fc.uniqueArray(fc.nat(25), { maxLength: 4 }), { maxLength: 25 }).map((lists) =>
  lists.map((targets, i) =>
    info(
      i,
      targets.filter((target) => target <= i),
    ),
  ),
)

const fewPaths = fc
  .uniqueArray(fc.nat(25), { maxLength: 3 })
  .map((indexes) => indexes.map((index) => `p${index}`))

class Recorder implements PushStages<string> {
  readonly published: string[] = []
  readonly sent: string[] = []
  isFinished = false
  running = 0
  most = 0
  readonly #broken: ReadonlySet<string>
  readonly #refused: ReadonlySet<string>
  readonly #allSent = Promise.withResolvers<void>()

  constructor(broken: Iterable<string> = [], refused: Iterable<string> = []) {
    this.#broken = new Set(broken)
    this.#refused = new Set(refused)
  }

  async send({ storePath }: PathInfo): Promise<() => Promise<string>> {
    assert.ok(!this.isFinished)
    this.most = Math.max(this.most, ++this.running)
    for (let turns = storePath.length % 4; turns >= 0; turns--) await Promise.resolve()
    this.running--
    this.sent.push(baseNameOf(storePath))
    if (this.#broken.has(baseNameOf(storePath))) throw new Error('broken')
    return async () => {
      await this.#allSent.promise
      return storePath
    }
  }

  finishSending(): void {
    this.isFinished = true
    this.#allSent.resolve()
  }

  async publish(path: PathInfo): Promise<PathOutcome> {
    this.published.push(baseNameOf(path.storePath))
    await Promise.resolve()
    if (this.#refused.has(baseNameOf(path.storePath))) throw new Error('refused')
    return { status: 'pushed', info: path, uploaded: 1 }
  }

  async judge(path: PathInfo, failure: unknown): Promise<PathOutcome> {
    return failure instanceof SkipPath
      ? { status: 'skipped', info: path, reason: failure.message }
      : { status: 'failed', info: path, error: failure as Error }
  }
}

const options = { jobs: 3, signal: new AbortController().signal }

test('every path is published after all it refers to, and no more are read at once than allowed', async () => {
  await fc.assert(
    fc.asyncProperty(graph, async (infos) => {
      const recorder = new Recorder()
      const outcomes = await pushInOrder(infos, recorder, options)
      assert.ok(outcomes.every((each) => each.status === 'pushed'))
      assert.equal(recorder.published.length, infos.length)
      assert.ok(recorder.most <= 3)
      for (const { storePath, references } of infos) {
        const name = baseNameOf(storePath)
        for (const reference of references.filter((each) => each !== name)) {
          assert.ok(recorder.published.indexOf(reference) < recorder.published.indexOf(name))
        }
      }
    }),
  )
})

test('what fails takes along exactly what needs it', async () => {
  await fc.assert(
    fc.asyncProperty(graph, fewPaths, fewPaths, async (infos, broken, refused) => {
      const lost = new Set([...broken, ...refused])
      const recorder = new Recorder(broken, refused)
      const outcomes = await pushInOrder(infos, recorder, options)
      const unpushed = new Set<string>()
      for (const { storePath, references } of infos) {
        const name = baseNameOf(storePath)
        if (lost.has(name) || references.some((each) => unpushed.has(each))) unpushed.add(name)
      }
      for (const { status, info } of outcomes) {
        assert.equal(status === 'pushed', !unpushed.has(baseNameOf(info.storePath)))
      }
    }),
  )
})

test('a path whose dependency failed is not even read', async () => {
  const recorder = new Recorder(['p0'])
  await pushInOrder([info(0, []), info(1, [0]), info(2, [1])], recorder, { ...options, jobs: 1 })
  assert.deepEqual(recorder.sent, ['p0'])
})

test('nothing is begun after the push was stopped', async () => {
  const controller = new AbortController()
  class Stopper extends Recorder {
    override async send(path: PathInfo): Promise<() => Promise<string>> {
      controller.abort()
      return await super.send(path)
    }
  }
  const stopper = new Stopper()
  const outcomes = await pushInOrder([info(0, []), info(1, [])], stopper, {
    jobs: 1,
    signal: controller.signal,
  })
  assert.deepEqual(stopper.sent, ['p0'])
  assert.deepEqual(stopper.published, [])
  assert.ok(outcomes.every((each) => each.status === 'skipped'))
})
