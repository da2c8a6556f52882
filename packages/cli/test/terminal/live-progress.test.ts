import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import type { WriteStream } from 'node:tty'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import type { PathInfo } from '../../src/nix/store-reader.ts'
import { LiveProgress } from '../../src/terminal/live-progress.ts'
import { openProgress } from '../../src/terminal/open-progress.ts'
import { PlainProgress } from '../../src/terminal/plain-progress.ts'

class Screen extends Writable {
  readonly isTTY = true
  readonly columns: number
  readonly rows = 8
  text = ''

  constructor(columns = 60) {
    super()
    this.columns = columns
  }

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

function terminal(screen: Screen): WriteStream {
  return screen as unknown as WriteStream
}

const infos: PathInfo[] = Array.from({ length: 20 }, (_, i) => ({
  storePath: `/nix/store/${'a'.repeat(30)}${String(i).padStart(2, '0')}-package-${i}-with-a-long-name-${'x'.repeat(80)}`,
  narHash: '',
  narSize: 1000,
  references: [],
  signatures: [],
}))

test('bars never are wider or higher than the terminal, and notes stay above them', () => {
  const screen = new Screen()
  const progress = new LiveProgress(terminal(screen))
  progress.begin(infos)
  for (const info of infos) progress.start(info)
  for (const info of infos) progress.advance(info, 500)
  progress.note('a note')
  progress.finish({ status: 'pushed', info: infos[0]!, uploaded: 1 })
  progress.finish({ status: 'failed', info: infos[1]!, error: new Error('it broke') })
  progress.close()
  const lines = stripVTControlCharacters(screen.text).split('\n')
  const bars = lines.filter((line) => line.includes('%'))
  assert.ok(bars.length > 0)
  assert.ok(bars.every((line) => line.length < screen.columns))
  assert.ok(lines.includes('a note'))
  assert.ok(lines.some((line) => /^Failed to push .*: it broke$/.test(line)))
  assert.match(bars.at(-1)!, /^2 of 20 paths/)
})

test('bars are for people who watch a terminal', () => {
  const screen = terminal(new Screen())
  const close = (environment: NodeJS.ProcessEnv, output: Writable = screen): string => {
    const progress = openProgress(output, environment)
    progress.close()
    return progress.constructor.name
  }
  assert.equal(close({ TERM: 'xterm' }), LiveProgress.name)
  assert.equal(close({ TERM: 'xterm', CI: 'true' }), PlainProgress.name)
  assert.equal(close({ TERM: 'dumb' }), PlainProgress.name)
  assert.equal(close({ TERM: 'xterm' }, new Writable()), PlainProgress.name)
})
