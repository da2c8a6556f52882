import { type NixVersion, nixVersions } from '../../test/harness/nix-versions.ts'
import { type CorpusPart, earlierPart } from '../corpus/corpus.ts'
import type { Bar, Figure } from '../figure.ts'
import { interleave, type Measurement } from '../measure/interleave.ts'
import { runCommand } from '../measure/run-command.ts'
import { nixEnvironment } from '../nix.ts'
import { CachixServer } from '../servers/cachix-server.ts'
import { Workspace } from '../workspace.ts'

/**
 * Pushes a closure with `cachix push` to servers that have nothing of it, and copies it with each Nix there is to an empty
 * directory. There is a figure for each Nix, so that the bar is held against the fastest too, and for a server in its
 * first seconds, whose code is not compiled yet, and one that has taken another push before.
 */
export async function comparePush(
  part: CorpusPart,
  { what, bar, rounds }: PushComparison,
): Promise<Figure[]> {
  const peers = nixVersions.map((nix) => [`nix ${nix.version}`, () => copyWithNix(nix, part)] as const)
  const competitors: Record<string, Measurement> = {
    started: () => pushToNewServer(part),
    used: () => pushToNewServer(part, earlierPart()),
    ...Object.fromEntries(peers),
  }
  const { started, used, ...copies } = await interleave(rounds, competitors)
  const figuresOf = (what: string, ours: readonly number[]) =>
    Object.entries(copies).map(([name, samples]): Figure => {
      return { what, unit: 's', ours: { samples: ours }, peer: { name, samples }, bar }
    })
  return [
    ...figuresOf(`${what}, server just started`, started!),
    ...figuresOf(`${what}, server in use`, used!),
  ]
}

interface PushComparison {
  readonly what: string
  readonly bar: Bar
  readonly rounds: number
}

async function pushToNewServer({ root }: CorpusPart, earlier?: CorpusPart): Promise<number> {
  using workspace = new Workspace('push')
  await using server = await CachixServer.startEmpty(workspace.path)
  if (earlier !== undefined) await server.push(earlier.root)
  await settleDisk()
  return await server.push(root)
}

async function copyWithNix({ programs }: NixVersion, { root }: CorpusPart): Promise<number> {
  using workspace = new Workspace('copy')
  const store = `file://${workspace.path}/cache?compression=zstd`
  await settleDisk()
  const { seconds } = await runCommand([`${programs}/nix`, 'copy', '--to', store, root], {
    env: nixEnvironment(`${workspace.path}/home`),
  })
  return seconds
}

/** We wait for the disk where `nix copy` does not: what it left unwritten must not be our time. */
async function settleDisk(): Promise<void> {
  await runCommand(['sync'])
}
