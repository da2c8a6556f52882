import type { Logger } from 'pino'
import type { ServerConfig } from './config.ts'
import type { ExpireDeps } from './services/upkeep/expire-uploads.ts'
import { keepUp } from './services/upkeep/keep-up.ts'
import type { UpkeepRound } from './services/upkeep/keep-up.ts'
import type { UpkeepDeps } from './services/upkeep/upkeep-work.ts'

/** Has the server collect and compact by itself, if it is to. Gives what ends that. */
export function startUpkeep(
  deps: UpkeepDeps & ExpireDeps,
  config: ServerConfig['upkeep'],
  logger: Logger,
): () => Promise<void> {
  if (config.intervalMs === 0) return async () => {}
  const stopping = new AbortController()
  const ended = keepUp(deps, { ...config, signal: stopping.signal, report: (round) => log(logger, round) })
  return async () => {
    stopping.abort()
    await ended
  }
}

function log(logger: Logger, round: UpkeepRound): void {
  if (round.outcome === 'failed') {
    logger.error({ err: round.error }, 'upkeep failed; it is tried again')
    return
  }
  const { expired, collected, compacted, tokens } = round
  const done = [expired.uploads, expired.waiting, collected.packs, collected.nars, compacted.packs, tokens]
  const isIdle = done.every((count) => count === 0)
  logger[isIdle ? 'debug' : 'info']({ expired, collected, compacted, tokens }, 'upkeep')
}
