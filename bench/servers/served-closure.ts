import { Workspace } from '../workspace.ts'
import { CachixServer } from './cachix-server.ts'
import { type Mirror, mirrorCache } from './mirror-cache.ts'
import { NginxServer } from './nginx-server.ts'

/** Store paths on our server and, byte for byte the same, on nginx. */
export interface ServedClosure extends AsyncDisposable, Mirror {
  readonly ours: CachixServer
  readonly nginx: NginxServer
  /** A directory for files of the measurement. */
  readonly directory: string
}

interface Serving {
  /** Store paths to push with all they need, one after another. */
  readonly roots: readonly string[]
  /** Those to fetch. */
  readonly paths: readonly string[]
}

/** Pushes closures to our server, copies what that serves into files and starts nginx on them. */
export async function serveClosure({ roots, paths }: Serving): Promise<ServedClosure> {
  await using stack = new AsyncDisposableStack()
  const directory = stack.use(new Workspace('serve')).path
  const ours = stack.use(await CachixServer.startEmpty(directory))
  for (const root of roots) await ours.push(root)
  const mirror = await mirrorCache(ours.url, `${directory}/files`, paths)
  const nginx = stack.use(await NginxServer.start(`${directory}/files`, directory))
  const kept = stack.move()
  return { ...mirror, ours, nginx, directory, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}
