import type { PathInfo } from '../nix/store-reader.ts'
import type { ServiceClient } from '../service/service-client.ts'
import type { PushProgress } from '../terminal/push-progress.ts'
import { ChunkSender } from './chunk-sender.ts'
import type { Signer } from './choose-signer.ts'
import { judgeFailure } from './judge-failure.ts'
import type { Cutter } from './cut/offered-chunk.ts'
import { openCutter } from './cut/open-cutter.ts'
import type { NarSource } from './nar-source.ts'
import type { PathOutcome } from './path-outcome.ts'
import { Patience } from './patience.ts'
import { Publisher } from './publisher.ts'
import { pushInOrder, type PushStages } from './push-in-order.ts'
import { RefusedPathError } from './refused-path-error.ts'
import { sendBundle } from './send-bundle.ts'
import { sendPath, type SentPath } from './send-path.ts'

export interface PushDeps {
  readonly source: NarSource
  readonly client: ServiceClient
  readonly sign: Signer
  readonly progress: PushProgress
  /** Aborted: what is under way is given up, nothing further is begun. */
  readonly signal: AbortSignal
}

export interface PushChoices {
  readonly cacheName: string
  readonly jobs: number
  readonly compressionLevel: number
  /** Bytes of the largest request. */
  readonly bundleSize: number
  readonly omitDeriver: boolean
}

/** Uploads and publishes paths that are given dependencies first. What happens to one of them does not stop the others. */
export async function pushPaths(
  deps: PushDeps,
  choices: PushChoices,
  infos: readonly PathInfo[],
): Promise<PathOutcome[]> {
  const hopeless = new AbortController()
  const signal = AbortSignal.any([deps.signal, hopeless.signal])
  await using cutter = openCutter(deps.source, infos, choices.jobs)
  const stages = stagesOf({ ...deps, cut: cutter.cut, signal }, choices, () => hopeless.abort())
  return await pushInOrder(infos, stages, { jobs: choices.jobs, signal })
}

function stagesOf(
  deps: PushDeps & { readonly cut: Cutter },
  choices: PushChoices,
  giveUp: () => void,
): PushStages<SentPath> {
  const { cut, progress, signal, sign, source } = deps
  const sender = openSender(deps, choices)
  const publisher = openPublisher(deps, choices)
  const patience = new Patience()
  return {
    send: (info) => sendPath({ cut, sender, sign, omitDeriver: choices.omitDeriver, progress }, info),
    finishSending: () => void sender.finish(),
    publish: async (info, { publication, uploaded }) => {
      const verdict = await publisher.publish(publication)
      if (verdict.outcome === 'failed') throw new RefusedPathError(verdict)
      patience.restore()
      return report(progress, { status: 'pushed', info, uploaded })
    },
    judge: async (info, failure) => {
      const isStopped = signal.aborted
      if (!isStopped && patience.isExhaustedBy(failure)) giveUp()
      return report(progress, await judgeFailure({ source, isStopped }, info, failure))
    },
  }
}

function openSender({ client, signal }: PushDeps, choices: PushChoices): ChunkSender {
  const { cacheName, bundleSize, compressionLevel } = choices
  return new ChunkSender({
    findMissing: (names) => client.findMissingChunks(cacheName, names, signal),
    sendBundle: (bundle) => sendBundle({ client, cacheName, signal }, bundle),
    bundleSize,
    level: compressionLevel,
    signal,
  })
}

const mebibyte = 1024 ** 2
/** As much as the service takes at once. */
const maxBatchBytes = 8 * mebibyte
/** The service checks them in a second or two; what was published is not lost when the push is killed. */
const maxBatchNarBytes = 256 * mebibyte

function openPublisher({ client, signal }: PushDeps, { cacheName, bundleSize }: PushChoices): Publisher {
  return new Publisher((paths) => client.publishPaths(cacheName, paths, signal), {
    bytes: Math.min(maxBatchBytes, bundleSize) - 1024,
    narBytes: maxBatchNarBytes,
  })
}

function report(progress: PushProgress, outcome: PathOutcome): PathOutcome {
  progress.finish(outcome)
  return outcome
}
