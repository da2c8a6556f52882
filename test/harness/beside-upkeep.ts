import { repository } from './runtime.ts'
import type { Stage } from './stage.ts'
import { build, checkWhole, closureHashes } from './store-paths.ts'

/** Hours: longer than a request, shorter than the test. */
const shortGrace = String(2 / 3600)
const rounds = 3

/** Runs `cachix server COMMAND --grace …` on the data of the stage's server; throws if it fails. */
export type Upkeep = (words: readonly string[]) => Promise<unknown>

/**
 * Pushes closures and downloads the same ones, again and again, while other processes collect and compact what is
 * stored without a rest. Everything has to succeed.
 */
export async function pushAndFetchBeside(stage: Stage, upkeep: Upkeep): Promise<void> {
  const stopping = new AbortController()
  async function work(command: string): Promise<void> {
    while (!stopping.signal.aborted) await upkeep([command, '--grace', shortGrace])
  }
  const beside = Promise.all(['collect', 'compact'].map(work))
  beside.catch(() => undefined)
  try {
    for (let round = 1; round <= rounds; round++) await pushAndFetch(stage, round)
  } finally {
    stopping.abort()
    await beside
  }
}

async function pushAndFetch(stage: Stage, round: number): Promise<void> {
  const many = round === 1 ? await build(stage.owner, 'many') : await buildRound(stage, round)
  await stage.owner.cachixOk(['push', stage.cache, many])
  const reader = await stage.addConfiguredReader()
  // The same closure goes in a second time while it comes out.
  await Promise.all([
    stage.owner.cachixOk(['push', stage.cache, many]),
    reader.runOk(['nix-store', '--realise', many]),
  ])
  await checkWhole(reader, await closureHashes(stage.owner, many))
}

function buildRound({ owner }: Stage, round: number): Promise<string> {
  const file = `${repository}/test/harness/rounds.nix`
  return owner.runOk(['nix-build', file, '--argstr', 'round', String(round), '--no-out-link'])
}
