import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { anyNix } from '../../harness/nix-versions.ts'
import { repository, runtime } from '../../harness/runtime.ts'
import { fetchPath } from '../../harness/served-path.ts'
import { Stage } from '../../harness/stage.ts'
import { closureHashes, storeHash, type NarHashes } from '../../harness/store-paths.ts'
import { Random } from '../random.ts'
import { anyMoment, PushWatch, type Moment, type PushLength } from './push-watch.ts'

/** A hundred and more for a whole night's certainty. */
const kills = Number(process.env['KILLS'] ?? 8)
const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)
/** Of which the longest is believed: what else this machine does makes pushes longer. */
const measuredPushes = 2
/** Several bundles and several publications. */
const manySteps = ['--bundle-size', '2', '--jobs', '1']

for (const victim of ['server', 'client'] as const) {
  describe(
    `the ${victim} is killed in ${kills} pushes, seed ${seed}, ${runtime}`,
    { timeout: 3_600_000 },
    () => {
      const random = new Random(seed)
      const pushed = new Map<string, string>()
      let stage: Stage
      let length: PushLength
      let round = 0

      before(async () => {
        stage = await Stage.set(anyNix)
      })
      after(() => stage[Symbol.asyncDispose]())

      it('a push is watched from its beginning to its end', async () => {
        const lengths: PushLength[] = []
        while (lengths.length < measuredPushes) {
          const { path, expected } = await buildRound()
          await using watched = await PushWatch.start(stage.server)
          await stage.owner.cachixOk(pushOf(path), { environment: { CACHIX_HOST: watched.url } })
          lengths.push(watched.length)
          await assertWhole(expected)
        }
        length = lengths.sort((one, other) => one.time - other.time).at(-1)!
        console.log(`a push: ${JSON.stringify(length)}`)
      })

      it('what was acknowledged is served whole, nothing is damaged, and running the push again completes it', async () => {
        let struck = 0
        const acknowledged: number[] = []
        while (struck < kills) {
          assert.ok(
            round < 3 * kills + measuredPushes,
            `only ${struck} of ${round} pushes were struck in time`,
          )
          const moment = anyMoment(length, random)
          const { path, expected } = await buildRound()
          const strike = await pushAndKill(path, moment).catch((error: unknown) => fail(moment, error))
          await recover(path, expected, strike).catch((error: unknown) => fail(moment, error))
          if (!strike.inTime) continue
          struck += 1
          acknowledged.push(strike.acknowledged.length)
        }
        console.log(`${struck} kills, paths acknowledged before each: ${acknowledged.join(' ')}`)
      })

      it('in the end every path of every push is served whole and the store is sound', async () => {
        await assertWhole(pushed)
        const checked = await fsck('--thorough')
        assert.match(checked, /^All is well\.$/m)
      })

      interface Strike {
        /** Whether the push was still under way. */
        readonly inTime: boolean
        /** Base names. */
        readonly acknowledged: readonly string[]
      }

      async function buildRound(): Promise<{ path: string; expected: NarHashes }> {
        round += 1
        const file = `${repository}/test/harness/rounds.nix`
        const number = ['--argstr', 'round', String(round)]
        const path = await stage.owner.runOk(['nix-build', file, ...number, '--no-out-link'])
        const expected = await closureHashes(stage.owner, path)
        for (const [each, hash] of expected) pushed.set(each, hash)
        return { path, expected }
      }

      async function pushAndKill(path: string, moment: Moment): Promise<Strike> {
        let push: ChildProcess | undefined
        let inTime = false
        await using watched = await PushWatch.start(stage.server, moment, () => {
          inTime = push?.exitCode === null && push.signalCode === null
          if (victim === 'server') stage.server.kill('SIGKILL')
          else push?.kill('SIGKILL')
        })
        const finished = stage.owner.cachix(pushOf(path), {
          environment: { CACHIX_HOST: watched.url },
          started: (child) => {
            push = child
          },
        })
        await Promise.race([watched.struck, finished])
        if (victim === 'server') {
          stage.server.kill('SIGKILL')
          await stage.server.ended()
          // It would go on trying to reach the server for more than a minute.
          push?.kill('SIGINT')
        }
        const { output } = await finished
        assert.doesNotMatch(output, /\n\s+at /, output)
        return { inTime, acknowledged: watched.acknowledged }
      }

      async function recover(path: string, expected: NarHashes, strike: Strike): Promise<void> {
        if (victim === 'server') await stage.server.restart()
        const acknowledged = new Set(strike.acknowledged.map((baseName) => `/nix/store/${baseName}`))
        await assertVisibleIsWhole(expected, acknowledged)
        await fsck()
        await stage.owner.cachixOk(pushOf(path))
        await assertWhole(expected)
      }

      /** What is visible is whole and has its references beside it; what was acknowledged is visible. */
      async function assertVisibleIsWhole(
        expected: NarHashes,
        acknowledged: ReadonlySet<string>,
      ): Promise<void> {
        for (const [path, narHash] of expected) {
          const served = await fetchPath(stage.server.pathUrl(stage.cache), storeHash(path))
          assert.ok(served !== undefined || !acknowledged.has(path), `${path} was acknowledged and is gone`)
          if (served === undefined) continue
          assert.ok(served.narInfo.includes(`NarHash: ${narHash}\n`), path)
          for (const reference of served.references) {
            const needed = await fetchPath(stage.server.pathUrl(stage.cache), reference.slice(0, 32))
            assert.ok(needed, `${path} is visible without ${reference}`)
          }
        }
      }

      function assertWhole(expected: NarHashes): Promise<void> {
        return assertVisibleIsWhole(expected, new Set(expected.keys()))
      }

      function fsck(...options: string[]): Promise<string> {
        const { dataDirectory } = stage.server
        return stage.owner.cachixOk(['server', 'fsck', ...options, '--data', dataDirectory])
      }

      function pushOf(path: string): string[] {
        return ['push', stage.cache, path, ...manySteps]
      }

      function fail(moment: Moment, cause: unknown): never {
        const message = `round ${round} of seed ${seed}, killed at ${JSON.stringify(moment)}: ${String(cause)}`
        throw new Error(`${message}\n${stage.server.output.slice(-2000)}`, { cause })
      }
    },
  )
}
