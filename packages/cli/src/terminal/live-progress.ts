import type { WriteStream } from 'node:tty'
import { baseNameOf, parseBaseName } from '@cachix/protocol'
import { createLogUpdate } from 'log-update'
import type { PathInfo } from '../nix/store-reader.ts'
import type { PathOutcome } from '../push/path-outcome.ts'
import { describeOutcome } from './describe-outcome.ts'
import { formatBar } from './format-bar.ts'
import type { PushProgress } from './push-progress.ts'
import { RateMeter } from './rate-meter.ts'

interface Bar {
  readonly label: string
  readonly total: number
  readonly meter: RateMeter
  done: number
}

const redrawEvery = 100
const mostBars = 10

/** A bar for each path that is being pushed and one for all of them, redrawn in place. */
export class LiveProgress implements PushProgress {
  readonly #terminal: WriteStream
  readonly #draw
  readonly #timer: NodeJS.Timeout
  readonly #bars = new Map<string, Bar>()
  readonly #meter = new RateMeter()
  #paths = { done: 0, total: 0 }
  #bytes = { done: 0, total: 0 }

  constructor(terminal: WriteStream) {
    this.#terminal = terminal
    this.#draw = createLogUpdate(terminal, { showCursor: true })
    this.#timer = setInterval(() => this.#redraw(), redrawEvery).unref()
  }

  begin(infos: readonly PathInfo[]): void {
    this.#paths.total = infos.length
    this.#bytes.total = infos.reduce((sum, { narSize }) => sum + narSize, 0)
  }

  start({ storePath, narSize }: PathInfo): void {
    const { name } = parseBaseName(baseNameOf(storePath))
    this.#bars.set(storePath, { label: name, total: narSize, meter: new RateMeter(), done: 0 })
  }

  advance({ storePath }: PathInfo, bytes: number): void {
    const bar = this.#bars.get(storePath)
    if (bar === undefined) return
    bar.done += bytes
    this.#bytes.done += bytes
  }

  finish(outcome: PathOutcome): void {
    const { storePath, narSize } = outcome.info
    const missing = narSize - (this.#bars.get(storePath)?.done ?? 0)
    if (outcome.status === 'pushed') this.#bytes.done += missing
    else this.#bytes.total -= missing
    this.#bars.delete(storePath)
    this.#paths.done++
    const line = describeOutcome(outcome)
    if (line !== undefined) this.note(line)
  }

  note(line: string): void {
    this.#draw.clear()
    this.#terminal.write(`${line}\n`)
    this.#redraw()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#draw.clear()
    this.#draw.done()
  }

  #redraw(): void {
    if (this.#paths.total === 0) return
    const width = Math.max(20, (this.#terminal.columns || 80) - 1)
    const shown = Array.from(this.#bars.values()).slice(
      0,
      Math.min(mostBars, (this.#terminal.rows || 24) - 3),
    )
    const lines = shown.map((bar) => formatBar({ ...bar, rate: bar.meter.measure(bar.done) }, width))
    this.#draw([...lines, this.#totalLine(width)].join('\n'))
  }

  #totalLine(width: number): string {
    const label = `${this.#paths.done} of ${this.#paths.total} paths`
    return formatBar({ label, ...this.#bytes, rate: this.#meter.measure(this.#bytes.done) }, width)
  }
}
