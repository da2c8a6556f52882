import { availableParallelism } from 'node:os'
import type { UploadedNar } from '@cachix/api'
import type { PathInfo, StoreReader } from '../nix/store-reader.ts'
import type { ServiceClient } from '../service/service-client.ts'
import type { PushProgress } from '../terminal/push-progress.ts'
import type { Signer } from './choose-signer.ts'
import { judgeFailure } from './judge-failure.ts'
import type { PathOutcome } from './path-outcome.ts'
import { Patience } from './patience.ts'
import { publishPath } from './publish-path.ts'
import { pushInOrder, type PushStages } from './push-in-order.ts'
import { Slots } from './slots.ts'
import { uploadPath } from './upload-path.ts'

export interface PushDeps {
  readonly store: StoreReader
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
  const stages = stagesOf({ ...deps, signal }, choices, () => hopeless.abort())
  return await pushInOrder(infos, stages, { jobs: choices.jobs, signal })
}

/** Frames of about a megabyte in memory at the same time: enough to keep every core busy, whatever the number of paths. */
const framesInMemory = Math.max(16, 2 * availableParallelism())

function stagesOf(deps: PushDeps, choices: PushChoices, giveUp: () => void): PushStages<UploadedNar> {
  const { client, progress, signal, sign } = deps
  const { cacheName, omitDeriver, compressionLevel } = choices
  const encoding = { level: compressionLevel, slots: new Slots(framesInMemory) }
  const patience = new Patience()
  return {
    upload: (info) => uploadPath({ client, cacheName, encoding, progress, signal }, info),
    publish: async (info, uploaded) => {
      await publishPath({ client, cacheName, sign, omitDeriver, signal }, info, uploaded)
      patience.restore()
      return report(progress, { status: 'pushed', info, uploaded: uploaded.fileSize })
    },
    judge: async (info, failure) => {
      const outcome = await judgeFailure(deps, info, failure)
      if (outcome.status === 'failed' && patience.isExhaustedBy(failure)) giveUp()
      return report(progress, outcome)
    },
  }
}

function report(progress: PushProgress, outcome: PathOutcome): PathOutcome {
  progress.finish(outcome)
  return outcome
}
