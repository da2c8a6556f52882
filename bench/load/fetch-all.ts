import { writeFileSync } from 'node:fs'
import { runCommand } from '../measure/run-command.ts'

/** URLs that curl fetches as one job. */
export interface FetchPlan {
  /** A configuration file of curl. */
  readonly file: string
  /** Answers to expect. */
  readonly count: number
  /** Bytes to expect. */
  readonly size: number
}

/** Writes down what to fetch. */
export function writeFetchPlan(file: string, urls: readonly string[], size: number): FetchPlan {
  writeFileSync(file, urls.map((url) => `url = "${url}"\noutput = "/dev/null"\n`).join(''))
  return { file, count: urls.length, size }
}

/**
 * Fetches everything once over some connections that take the next URL as soon as they are free, and throws the bytes
 * away. Returns the wall time in seconds. It is curl that does it: of the clients tried (wrk, Node's sockets) it costs
 * the least beside the server, and libcurl is what Nix itself uses.
 */
export async function fetchAll({ file, count, size }: FetchPlan, connections: number): Promise<number> {
  const quiet = ['--disable', '--silent', '--show-error', '--fail', '--write-out', '%{size_download}\\n']
  const parallel = ['--parallel', '--parallel-max', `${connections}`]
  const { stdout, seconds } = await runCommand(['curl', ...quiet, ...parallel, '--config', file])
  const sizes = stdout.trim().split('\n').map(Number)
  const received = sizes.reduce((total, bytes) => total + bytes, 0)
  if (sizes.length !== count || received !== size)
    throw new Error(`${file}: ${received} of ${size} bytes arrived`)
  return seconds
}
