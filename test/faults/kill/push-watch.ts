import { watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import type { PathsCreate } from '@cachix/api'
import type { CachixServer } from '../../harness/cachix-server.ts'
import { MeddlingProxy, type Exchange } from '../../harness/meddling-proxy.ts'
import type { Random } from '../random.ts'

/**
 * What can be seen of a push from outside: a block of a body on its way to the server, a block of an answer on its way
 * back, either of them of a publication, a file that comes or goes in the spool, a write to the database.
 */
type PushEvent = 'upload' | 'answer' | 'publication' | 'spool' | 'database'

/** A point of a push: so many milliseconds after its first event, or its so many-th event of a kind. */
export interface Moment {
  readonly of: PushEvent | 'time'
  readonly at: number
}

/** How often each kind of event was seen in a push that nothing happened to, and how many milliseconds it took. */
export type PushLength = Readonly<Record<Moment['of'], number>>

const kinds = ['upload', 'answer', 'publication', 'spool', 'database', 'time'] as const

/** Any point is as likely as any other of its kind. */
export function anyMoment(length: PushLength, random: Random): Moment {
  const of = random.pick([...kinds, 'time'] as const)
  return { of, at: of === 'time' ? random.below(length.time + 1) : 1 + random.below(length[of]) }
}

/** Stands between a push and the server, and strikes at a moment. */
export class PushWatch implements AsyncDisposable {
  /** Resolves when it has struck. */
  readonly struck: Promise<void>
  readonly #counts: Record<PushEvent, number> = {
    upload: 0,
    answer: 0,
    publication: 0,
    spool: 0,
    database: 0,
  }
  readonly #moment: Moment | undefined
  readonly #strike: () => void
  readonly #files: FSWatcher[] = []
  #timer: NodeJS.Timeout | undefined
  #proxy!: MeddlingProxy
  #first: number | undefined
  #last = 0

  static async start(server: CachixServer, moment?: Moment, strike?: () => void): Promise<PushWatch> {
    const push = new PushWatch(moment, strike)
    push.#proxy = await MeddlingProxy.start(server.port, {
      upload: (exchange) => push.#seeBlock('upload', exchange),
      download: (exchange) => push.#seeBlock('answer', exchange),
    })
    push.#files.push(
      watch(join(server.dataDirectory, 'spool'), () => push.#see('spool')),
      watch(server.dataDirectory, (_change, name) => {
        if (name === 'cachix.sqlite-wal') push.#see('database')
      }),
    )
    return push
  }

  private constructor(moment: Moment | undefined, strike: () => void = () => undefined) {
    const struck = Promise.withResolvers<void>()
    this.struck = struck.promise
    this.#moment = moment
    let isOver = false
    this.#strike = () => {
      if (isOver) return
      isOver = true
      strike()
      struck.resolve()
    }
  }

  get url(): string {
    return this.#proxy.url
  }

  get length(): PushLength {
    return { ...this.#counts, time: Math.round(this.#last - (this.#first ?? this.#last)) }
  }

  /** Base names of the paths whose publication the server has answered with success. */
  get acknowledged(): readonly string[] {
    return this.#proxy.exchanges
      .filter((exchange) => isPublication(exchange) && exchange.status === 200)
      .flatMap(({ body }) => (JSON.parse(Buffer.concat(body).toString()) as PathsCreate).paths)
      .map(({ storePath }) => storePath)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer)
    for (const files of this.#files) files.close()
    await this.#proxy[Symbol.asyncDispose]()
  }

  #seeBlock(event: PushEvent, exchange: Exchange): void {
    this.#see(event)
    if (isPublication(exchange)) this.#see('publication')
  }

  #see(event: PushEvent): void {
    const now = performance.now()
    if (this.#first === undefined) {
      this.#first = now
      if (this.#moment?.of === 'time') this.#timer = setTimeout(this.#strike, this.#moment.at)
    }
    this.#last = now
    this.#counts[event] += 1
    if (this.#moment?.of === event && this.#counts[event] === this.#moment.at) this.#strike()
  }
}

function isPublication({ path }: Exchange): boolean {
  return path.endsWith('/paths')
}
