import type { Writable } from 'node:stream'
import type { WriteStream } from 'node:tty'
import { LiveProgress } from './live-progress.ts'
import { PlainProgress } from './plain-progress.ts'
import type { PushProgress } from './push-progress.ts'

/** Bars where somebody watches them, lines elsewhere: in logs, in CI, and on terminals that cannot move the cursor. */
export function openProgress(output: Writable, environment: NodeJS.ProcessEnv): PushProgress {
  const isWatched = environment['CI'] !== 'true' && environment['TERM'] !== 'dumb'
  return isTerminal(output) && isWatched ? new LiveProgress(output) : new PlainProgress(output)
}

function isTerminal(output: Writable): output is WriteStream {
  return 'isTTY' in output && output.isTTY === true
}
