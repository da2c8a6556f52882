import prettyBytes from 'pretty-bytes'
import type { Context } from '../context.ts'
import type { PathInfo } from '../nix/store-reader.ts'
import { openProgress } from '../terminal/open-progress.ts'
import type { Signer } from './choose-signer.ts'
import type { NarSource } from './nar-source.ts'
import type { PathOutcome } from './path-outcome.ts'
import { pushPaths, type PushChoices } from './push-paths.ts'
import { describeUpstreams } from './push-summary.ts'

interface ShownPush {
  readonly context: Context
  readonly source: NarSource
  readonly sign: Signer
  readonly signal: AbortSignal
}

/** What is to be sent, and what is said of the rest. */
export interface PathsToSend {
  /** Dependencies first. */
  readonly toPush: readonly PathInfo[]
  readonly present: number
  readonly inUpstreams: ReadonlyMap<string, number>
}

/** Pushes paths and shows how it gets on. What became of each is in the answer; nothing is sent if there is none. */
export async function pushWithProgress(
  { context, source, sign, signal }: ShownPush,
  choices: PushChoices,
  { toPush, present, inUpstreams }: PathsToSend,
): Promise<PathOutcome[]> {
  if (toPush.length === 0) return []
  const { client, environment, notices, stderr } = context
  const size = prettyBytes(toPush.reduce((sum, { narSize }) => sum + narSize, 0))
  const rest = [`${present} are already there`, ...describeUpstreams(inUpstreams)].join(', ')
  stderr.write(
    `Pushing ${toPush.length} ${toPush.length === 1 ? 'path' : 'paths'} (${size}) to cache ${choices.cacheName}, ${rest}.\n`,
  )
  const progress = openProgress(stderr, environment)
  const stopDiverting = notices.divert((line) => progress.note(line))
  try {
    progress.begin(toPush)
    return await pushPaths({ source, client, sign, progress, signal }, choices, toPush)
  } finally {
    progress.close()
    stopDiverting()
  }
}
