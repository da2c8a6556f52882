import { fileURLToPath } from 'node:url'
import { runCommand } from '../measure/run-command.ts'

const script = fileURLToPath(new URL('narinfos.lua', import.meta.url))

interface RateOptions {
  /** A file of URL paths, one per line. */
  readonly pathList: string
  readonly connections: number
  readonly seconds: number
  /** Default: every path is there. Otherwise none is. */
  readonly areAbsent?: boolean
}

/** Requests per second that the server at `origin` answers over connections kept alive, measured by wrk. */
export async function requestRate(
  origin: string,
  { pathList, connections, seconds, areAbsent = false }: RateOptions,
): Promise<number> {
  const load = ['--threads', '1', '--connections', `${connections}`, '--duration', `${seconds}s`]
  const { stdout } = await runCommand(['wrk', ...load, '--script', script, origin, '--', pathList])
  const summary = JSON.parse(stdout.slice(stdout.lastIndexOf('{'))) as Record<string, number>
  const failed =
    summary['failures']! + Math.abs(summary['refusals']! - (areAbsent ? summary['requests']! : 0))
  if (failed !== 0) throw new Error(`${origin}: ${failed} requests were not answered as expected`)
  return summary['requests']! / (summary['microseconds']! / 1e6)
}
