import { availableParallelism, homedir } from 'node:os'
import { join, resolve } from 'node:path'

import { z } from 'zod'

import { CacheError } from './cache-error.ts'
import { decimal, wholeNumber } from './config-number.ts'
import type { AdmissionRules } from './http/admission.ts'
import { parseNetwork } from './http/client-address.ts'
import { parseIssuerPolicy, usualIssuers } from './services/oidc/issuer-url.ts'
import type { IssuerPolicy } from './services/oidc/issuer-url.ts'
import type { ServiceKeyFile } from './services/service-seal.ts'

/** Where the service listens, keeps its data, and what it allows. */
export interface ServerConfig {
  readonly listen: { readonly host: string; /** 0: any free one. */ readonly port: number }
  /** `http(s)://HOST[:PORT]` without a slash, as clients reach the service; undefined: `http://localhost:PORT`. */
  readonly publicUrl: string | undefined
  readonly database: SqliteConfig | PostgresConfig
  /** Directory of the packs. */
  readonly packs: string
  readonly serviceKey: ServiceKeyFile
  /** Also write the owner's token here when it is made. */
  readonly ownerTokenFile: string | undefined
  /** The least that is logged. */
  readonly logLevel: LogLevel
  readonly limits: ServerLimits
  readonly admission: AdmissionRules
  readonly issuers: IssuerPolicy
  /** `http(s)://HOST[:PORT]` of the upstreams that the service itself asks what they have. */
  readonly askedUpstreams: readonly string[]
  readonly upkeep: UpkeepConfig
}

interface UpkeepConfig {
  /** Milliseconds between two rounds of the server; 0: it leaves them to others. */
  readonly intervalMs: number
  /** Milliseconds that what nothing needs any more is kept. */
  readonly graceMs: number
}

interface SqliteConfig {
  readonly kind: 'sqlite'
  readonly path: string
}

interface PostgresConfig {
  readonly kind: 'postgres'
  readonly url: string
}

const logLevels = ['debug', 'info', 'warn', 'error'] as const
type LogLevel = (typeof logLevels)[number]

interface ServerLimits {
  /** Bytes of a NAR, compressed as well as not. */
  readonly maxNarSize: number
  /** Bytes of the frames that a client may send together. */
  readonly maxBundleSize: number
  /** Bytes of a NAR's listing. */
  readonly maxListingSize: number
  /** Milliseconds for which a request's body may stall. */
  readonly stallMs: number
  /** Threads that verify uploads; as many put together what is served. */
  readonly verifierThreads: number
  /** Bytes of NARs kept as files beside the packs they lie in; undefined: a part of the disk. */
  readonly maxAssembledBytes: number | undefined
}

/** What the command line says; it beats the environment. */
export interface ServerOptions {
  readonly listen?: string | undefined
  readonly data?: string | undefined
  readonly ownerTokenFile?: string | undefined
  readonly serviceKeyFile?: string | undefined
  readonly publicUrl?: string | undefined
  readonly database?: string | undefined
  readonly trustedProxy?: string | undefined
  readonly askUpstreams?: string | undefined
  readonly oidcIssuers?: string | undefined
  readonly maxNarSize?: string | undefined
  /** False: the server does not collect and compact by itself. */
  readonly upkeep?: boolean | undefined
  /** Hours. */
  readonly grace?: string | undefined
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The configuration of `cachix serve`, from its options and the variables that begin with `CACHIX_SERVE_`; with neither
 * there is one that works. Throws `bad-request` naming everything that is wrong with it.
 */
export function parseServerConfig(options: ServerOptions = {}, environment: Environment = {}): ServerConfig {
  const settings = Settings.safeParse({ ...settingsIn(environment), ...given(namesOf(options)) })
  if (!settings.success) throw new CacheError('bad-request', explain(settings.error))
  const { LISTEN, DATA, PUBLIC_URL, DATABASE, OWNER_TOKEN_FILE, SERVICE_KEY_FILE, LOG_LEVEL, ...numbers } =
    settings.data
  const data = resolve(DATA ?? defaultData(environment))
  return {
    listen: LISTEN,
    publicUrl: PUBLIC_URL,
    database: DATABASE ?? { kind: 'sqlite', path: join(data, 'cachix.sqlite') },
    packs: data,
    serviceKey: serviceKeyFile(data, SERVICE_KEY_FILE),
    ownerTokenFile: OWNER_TOKEN_FILE,
    logLevel: LOG_LEVEL,
    limits: {
      maxNarSize: numbers.MAX_NAR_SIZE,
      maxBundleSize,
      maxListingSize,
      stallMs: numbers.STALL_SECONDS * 1000,
      verifierThreads: numbers.VERIFIER_THREADS,
      maxAssembledBytes: numbers.MAX_ASSEMBLED_BYTES,
    },
    admission: {
      readsPerSecond: numbers.READS_PER_SECOND,
      callsPerSecond: numbers.CALLS_PER_SECOND,
      connectionsPerAddress: numbers.CONNECTIONS_PER_ADDRESS,
      trustedProxies: numbers.TRUSTED_PROXY,
    },
    askedUpstreams: numbers.ASK_UPSTREAMS,
    issuers: numbers.OIDC_ISSUERS,
    upkeep: { intervalMs: numbers.UPKEEP_MINUTES * 60_000, graceMs: numbers.GRACE_HOURS * 3_600_000 },
  }
}

function serviceKeyFile(data: string, given: string | undefined): ServiceKeyFile {
  return {
    path: given === undefined ? join(data, 'service.key') : resolve(given),
    isGiven: given !== undefined,
  }
}

const prefix = 'CACHIX_SERVE_'
const maxBundleSize = 128 * 1024 ** 2
const maxListingSize = 16 * 1024 ** 2

const Listen = z
  .string()
  .regex(
    /^(?:[^:[\]]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/,
    'must be HOST:PORT, for example 127.0.0.1:8080 or [::]:8080',
  )
  .transform((text) => ({
    host: text.slice(0, text.lastIndexOf(':')).replace(/^\[|\]$/g, ''),
    port: Number(text.slice(text.lastIndexOf(':') + 1)),
  }))
  .refine(({ port }) => port <= 65_535, 'must have a port up to 65535')

const PublicUrl = z
  .url({ protocol: /^https?$/, error: 'must be a http or https URL' })
  .transform((text) => new URL(text))
  .refine(
    (url) => url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '',
    'must be no more than http(s)://HOST or http(s)://HOST:PORT',
  )
  .transform((url) => url.origin)

const Database = z
  .string()
  .regex(/^postgres(?:ql)?:\/\/./, 'must be a URL that begins with postgres://; leave it out for SQLite')
  .transform((url): PostgresConfig => ({ kind: 'postgres', url }))

const TrustedProxy = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .refine(
    (networks) => networks.every((network) => parseNetwork(network) !== undefined),
    'must be addresses or networks with commas between them, for example 127.0.0.1,10.0.0.0/8',
  )

/** Names of hosts mean whatever the operator's resolver says, so it is the operator who names them. */
const AskUpstreams = z
  .string()
  .transform((text) => (text.trim() === 'none' ? [] : text.split(',').map((part) => part.trim())))
  .refine(
    (origins) => origins.every((text) => PublicUrl.safeParse(text).success),
    'must be http(s)://HOST[:PORT], several with commas between them, or none',
  )
  .transform((origins) => origins.map((text) => new URL(text).origin))

const OidcIssuers = z.string().transform((text, problems) => {
  const policy = parseIssuerPolicy(text)
  if (policy !== undefined) return policy
  problems.addIssue('must be https://HOST[:PORT] or *, several with commas between them')
  return z.NEVER
})

/** The variables, without their prefix. A mistyped one is an error, not silence. */
const Settings = z.strictObject({
  LISTEN: Listen.default({ host: '127.0.0.1', port: 8080 }),
  DATA: z.string().min(1, 'must be the name of a directory').optional(),
  PUBLIC_URL: PublicUrl.optional(),
  DATABASE: Database.optional(),
  OWNER_TOKEN_FILE: z.string().min(1, 'must be the name of a file').optional(),
  SERVICE_KEY_FILE: z.string().min(1, 'must be the name of a file').optional(),
  MAX_NAR_SIZE: wholeNumber({ least: 1 }).default(64 * 1024 ** 3),
  // A narinfo costs less than finding out who asks for it.
  READS_PER_SECOND: decimal({ least: 0 }).default(0),
  CALLS_PER_SECOND: decimal({ least: 0 }).default(1000),
  // A whole CI may be behind one address.
  CONNECTIONS_PER_ADDRESS: wholeNumber({ least: 0 }).default(512),
  TRUSTED_PROXY: TrustedProxy.default([]),
  ASK_UPSTREAMS: AskUpstreams.default(['https://cache.nixos.org']),
  OIDC_ISSUERS: OidcIssuers.default({ named: usualIssuers, others: false }),
  STALL_SECONDS: decimal({ least: 0.001, most: 86_400 }).default(120),
  MAX_ASSEMBLED_BYTES: wholeNumber({ least: 0 }).optional(),
  UPKEEP_MINUTES: decimal({ least: 0 }).default(60),
  GRACE_HOURS: decimal({ least: 0 }).default(24),
  LOG_LEVEL: z.enum(logLevels, 'must be debug, info, warn or error').default('info'),
  VERIFIER_THREADS: wholeNumber({ least: 1, most: 64 }).default(Math.min(availableParallelism(), 4)),
})

function namesOf(options: ServerOptions) {
  return {
    LISTEN: options.listen,
    DATA: options.data,
    OWNER_TOKEN_FILE: options.ownerTokenFile,
    SERVICE_KEY_FILE: options.serviceKeyFile,
    PUBLIC_URL: options.publicUrl,
    DATABASE: options.database,
    TRUSTED_PROXY: options.trustedProxy,
    ASK_UPSTREAMS: options.askUpstreams,
    OIDC_ISSUERS: options.oidcIssuers,
    MAX_NAR_SIZE: options.maxNarSize,
    UPKEEP_MINUTES: options.upkeep === false ? '0' : undefined,
    GRACE_HOURS: options.grace,
  }
}

function settingsIn(environment: Environment): Record<string, string> {
  const ours = Object.entries(given(environment)).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(ours.map(([name, value]) => [name.slice(prefix.length), value]))
}

function given(settings: Environment): Record<string, string> {
  const entries = Object.entries(settings).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return Object.fromEntries(entries)
}

/** https://specifications.freedesktop.org/basedir-spec: a relative path is to be ignored. */
function defaultData(environment: Environment): string {
  const dataHome = environment['XDG_DATA_HOME']
  return join(dataHome?.startsWith('/') ? dataHome : join(homedir(), '.local', 'share'), 'cachix')
}

const optionNames = new Map([
  ['LISTEN', '--listen'],
  ['DATA', '--data'],
  ['OWNER_TOKEN_FILE', '--owner-token-file'],
  ['SERVICE_KEY_FILE', '--service-key-file'],
  ['PUBLIC_URL', '--public-url'],
  ['DATABASE', '--database'],
  ['TRUSTED_PROXY', '--trusted-proxy'],
  ['ASK_UPSTREAMS', '--ask-upstreams'],
  ['OIDC_ISSUERS', '--oidc-issuers'],
  ['MAX_NAR_SIZE', '--max-nar-size'],
  ['GRACE_HOURS', '--grace'],
])

function explain(error: z.ZodError): string {
  const problems = error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${prefix}${key} is not known`)
    const name = String(issue.path[0])
    const option = optionNames.get(name)
    return `${option ? `${option} or ` : ''}${prefix}${name}: ${issue.message}`
  })
  return `The configuration of the service is wrong.\n${problems.map((line) => `  ${line}`).join('\n')}`
}
