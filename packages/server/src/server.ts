import type { Writable } from 'node:stream'
import { pino } from 'pino'
import type { Logger } from 'pino'
import type { ServerConfig } from './config.ts'
import { createAdmission } from './http/admission.ts'
import { createApp } from './http/app.ts'
import { clientAddresses } from './http/client-address.ts'
import type { HttpDeps } from './http/http-deps.ts'
import { textResponse } from './http/http-error.ts'
import { RecentReads } from './http/recent-reads.ts'
import { RequestsInFlight, type InFlightRules } from './http/requests-in-flight.ts'
import { serviceAddress } from './http/service-address.ts'
import { writeOwnerToken } from './owner-token-file.ts'
import { openDatabase, openUpstreamAnswers, openWorkers } from './open-parts.ts'
import { currentRuntime } from './runtime/current-runtime.ts'
import { keepSparing } from './spare-memory.ts'
import type { ConnectionLimit, Handler, Listener } from './runtime/runtime.ts'
import { initializeOwner } from './services/initialize-owner.ts'
import { IssuerKeys } from './services/oidc/issuer-keys.ts'
import { Completions } from './services/multipart/completions.ts'
import { MadeNars } from './services/made-nars.ts'
import { TokenUses } from './services/token-uses.ts'
import { PackProofs } from './services/pack-proofs.ts'
import { openServiceSeal } from './services/service-seal.ts'
import { startUpkeep } from './start-upkeep.ts'
import { claimDirectory } from './storage/claim-directory.ts'
import { openDiskAssembledFiles } from './storage/disk-assembled-files.ts'
import { openDiskPackStore } from './storage/disk-pack-store.ts'
import { openDiskPartStore } from './storage/disk-part-store.ts'
import { ProofFile } from './storage/proof-file.ts'

export interface RunningServer {
  /** As clients reach it, no slash at the end. */
  readonly url: string
  /** The actual one. */
  readonly port: number
  /** Only when the owner has just been made: there is no other copy but the file that was asked for. */
  readonly ownerToken: string | undefined
  /**
   * Accepts nothing new, finishes what is in flight within `graceMs` (30 s), breaks off the rest and releases everything.
   * Calling it again with less time shortens the wait.
   */
  close(graceMs?: number): Promise<void>
}

export interface ServerSurroundings {
  /** Where the log goes, one JSON object a line; nowhere if undefined. */
  readonly log?: Writable | undefined
}

/** Starts the service. Throws `CacheError`s that say what stands in the way. */
export async function createServer(
  config: ServerConfig,
  { log }: ServerSurroundings = {},
): Promise<RunningServer> {
  await using resources = new AsyncDisposableStack()
  const logger = createLogger(config, log)
  const parts = await openParts(config, resources, logger)
  const runtime = await currentRuntime()

  // The service's address is part of its answers, and its port is not known before it listens. The owner's token is told
  // once, so it is made when nothing can stand in the way any more.
  let app: Handler = answerStarting
  const inFlight = inFlightRules(config)
  const listener = await runtime.listen({
    ...config.listen,
    stallMs: config.limits.stallMs,
    connections: connectionLimit(inFlight),
    fetch: (request, exchange) => app(request, exchange),
  })
  resources.defer(() => listener.abort())
  const ownerToken = await makeOwner(config, parts)
  const address = serviceAddress(config.publicUrl ?? `http://localhost:${listener.port}`)
  const tokenUses = openTokenUses(parts, logger)
  resources.defer(() => tokenUses.settled())
  app = createApp({
    ...parts,
    tokenUses,
    issuerKeys: new IssuerKeys({ ...config.issuers, cooldownMs: 30_000 }),
    runtime,
    logger,
    madeNars: new MadeNars(),
    recent: new RecentReads(),
    address,
    admit: createAdmission(config.admission),
    inFlight: new RequestsInFlight(inFlight),
    hostname: address.hostname,
    maxUploadSize: config.limits.maxNarSize,
    maxBundleSize: config.limits.maxBundleSize,
  })
  logger.info({ url: address.origin, ...config.listen, port: listener.port }, 'listening')
  resources.defer(startUpkeep(parts, config.upkeep, logger))
  resources.defer(keepSparing())
  const owned = resources.move()
  return {
    url: address.origin,
    port: listener.port,
    ownerToken,
    close: closer(listener, async () => {
      await owned.disposeAsync()
      logger.info('stopped')
    }),
  }
}

function inFlightRules({ admission }: ServerConfig): InFlightRules {
  return { addresses: clientAddresses(admission.trustedProxies), most: admission.connectionsPerAddress }
}

function connectionLimit({ addresses, most }: InFlightRules): ConnectionLimit | undefined {
  return most === 0 ? undefined : { most, addressOf: (peer) => addresses.ofConnection(peer) }
}

function openTokenUses({ database }: Pick<HttpDeps, 'database'>, logger: Logger): TokenUses {
  return new TokenUses({
    tokens: database.tokens,
    onFailure: (error) => logger.warn({ err: error }, 'the use of a token could not be noted'),
  })
}

async function makeOwner(
  { ownerTokenFile }: ServerConfig,
  parts: Pick<HttpDeps, 'database'>,
): Promise<string | undefined> {
  const token = await initializeOwner(parts)
  if (token !== undefined && ownerTokenFile !== undefined) await writeOwnerToken(ownerTokenFile, token)
  return token
}

function answerStarting(): Response {
  return textResponse(503, 'The service is starting.', { 'retry-after': '1' })
}

type Parts = Pick<
  HttpDeps,
  | 'database'
  | 'packs'
  | 'proofs'
  | 'parts'
  | 'assembled'
  | 'seal'
  | 'workers'
  | 'readWorkers'
  | 'completions'
  | 'upstreamAnswers'
>

async function openParts(
  config: ServerConfig,
  resources: AsyncDisposableStack,
  logger: Logger,
): Promise<Parts> {
  const claim = await claimDirectory(config.packs)
  resources.defer(() => claim.release())
  const database = await openDatabase(config)
  resources.defer(() => database.close())
  const untrusted = await openDiskPackStore(config.packs)
  const proofs = await PackProofs.remembered(openProofFile(config, logger), untrusted)
  resources.defer(() => proofs.close())
  const packs = proofs.trusting(untrusted)
  const assembled = await openDiskAssembledFiles(config.packs, { limit: config.limits.maxAssembledBytes })
  resources.defer(() => assembled.close())
  const parts = await openDiskPartStore(config.packs)
  const seal = await openServiceSeal(database.keys, config.serviceKey)
  const workers = openWorkers(config)
  resources.defer(() => workers.close())
  const readWorkers = openWorkers(config)
  resources.defer(() => readWorkers.close())
  const completions = new Completions()
  resources.defer(() => completions.close())
  const upstreamAnswers = openUpstreamAnswers(config, logger)
  return {
    database,
    packs,
    proofs,
    parts,
    assembled,
    seal,
    workers,
    readWorkers,
    completions,
    upstreamAnswers,
  }
}

function openProofFile({ packs }: ServerConfig, logger: Logger): ProofFile {
  return new ProofFile(packs, (error) =>
    logger.warn({ err: error }, 'what is known about packs could not be written down'),
  )
}

function createLogger({ logLevel }: ServerConfig, log: Writable | undefined): Logger {
  if (log === undefined) return pino({ level: 'silent' })
  return pino({ level: logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime }, log)
}

const defaultGraceMs = 30_000

function closer(listener: Listener, release: () => Promise<void>): RunningServer['close'] {
  const aborted = Promise.withResolvers<void>()
  let closed: Promise<void> | undefined

  async function abort(): Promise<void> {
    await listener.abort()
    aborted.resolve()
  }

  async function stop(): Promise<void> {
    await Promise.race([listener.stop(), aborted.promise])
    await release()
  }

  return async (graceMs = defaultGraceMs) => {
    const patience = setTimeout(() => void abort(), graceMs)
    closed ??= stop()
    try {
      await closed
    } finally {
      clearTimeout(patience)
    }
  }
}
