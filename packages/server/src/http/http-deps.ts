import type { Logger } from 'pino'
import type { Admission } from './admission.ts'
import type { CacheDatabase } from '../database/cache-database.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { IssuerKeys } from '../services/oidc/issuer-keys.ts'
import type { Completions } from '../services/multipart/completions.ts'
import type { MadeNars } from '../services/made-nars.ts'
import type { Seal } from '../services/seal.ts'
import type { TokenUses } from '../services/token-uses.ts'
import type { UpstreamAnswers } from '../services/upstream-answers.ts'
import type { PackProofs } from '../services/pack-proofs.ts'
import type { NarWorkers } from '../services/workers/nar-workers.ts'
import type { AssembledFiles } from '../storage/assembled-files.ts'
import type { PackStore } from '../storage/pack-store.ts'
import type { PartStore } from '../storage/part-store.ts'
import type { RecentReads } from './recent-reads.ts'
import type { RequestsInFlight } from './requests-in-flight.ts'
import type { ServiceAddress } from './service-address.ts'

/** What answering requests needs. */
export interface HttpDeps {
  readonly database: CacheDatabase
  readonly packs: PackStore
  readonly proofs: PackProofs
  readonly parts: PartStore
  readonly completions: Completions
  readonly assembled: AssembledFiles
  readonly workers: NarWorkers
  readonly madeNars: MadeNars
  /** Do for readers what `workers` do for uploads, so that neither waits for the other. */
  readonly readWorkers: NarWorkers
  readonly seal: Seal
  readonly tokenUses: TokenUses
  readonly issuerKeys: IssuerKeys
  readonly upstreamAnswers: UpstreamAnswers
  readonly runtime: Runtime
  readonly logger: Logger
  readonly recent: RecentReads
  readonly address: ServiceAddress
  readonly admit: Admission
  readonly inFlight: RequestsInFlight
  /** Of the service, without a port. */
  readonly hostname: string
  /** Bytes of a NAR. */
  readonly maxUploadSize: number
  /** Bytes of the frames that may be sent together. */
  readonly maxBundleSize: number
}
