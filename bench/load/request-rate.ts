import { fileURLToPath } from 'node:url'
import { runCommand } from '../measure/run-command.ts'

const script = fileURLToPath(new URL('narinfos.lua', import.meta.url))

interface RateOptions {
  /** A file of URL paths, one per line. */
  readonly pathList: string
  readonly connections: number
  readonly seconds: number
}

/** Requests per second that the server at `origin` answers over connections kept alive, measured by wrk. */
export async function requestRate(
  origin: string,
  { pathList, connections, seconds }: RateOptions,
): Promise<number> {
  const load = ['--threads', '1', '--connections', `${connections}`, '--duration', `${seconds}s`]
  const { stdout } = await runCommand(['wrk', ...load, '--script', script, origin, '--', pathList])
  const summary = JSON.parse(stdout.slice(stdout.lastIndexOf('{'))) as Record<string, number>
  if (summary['failures'] !== 0) throw new Error(`${origin}: ${summary['failures']} requests failed`)
  return summary['requests']! / (summary['microseconds']! / 1e6)
}
