import { againstWhole } from '../chunks/against-whole.ts'
import { narOf, wholeSize } from '../chunks/stored-nar.ts'
import { buildClosure, type BuiltClosure } from '../corpus/rebuild.ts'
import type { Figure } from '../figure.ts'
import { storedBytes } from '../measure/stored-bytes.ts'
import { sum } from '../measure/sum.ts'
import { CachixServer } from '../servers/cachix-server.ts'
import { CountingProxy } from '../servers/counting-proxy.ts'
import { Workspace } from '../workspace.ts'

/**
 * Real packages are pushed, then the same rebuilt after a change that gives every one of them another store hash: what
 * goes over the wire and what the server's data grows by, against the NARs as one zstd stream each.
 */
export async function rebuild(): Promise<Figure[]> {
  using workspace = new Workspace('rebuild')
  const directory = workspace.path
  await startOnce(directory)
  const first = await pushCounted(buildClosure({ edition: '1' }), directory)
  const second = await pushCounted(buildClosure({ edition: '2' }), directory)
  const onePercent = { atMost: 0.01 }
  return [
    againstWhole('packages, bytes stored', { ...first, bytes: first.stored }, { atMost: 1.08 }),
    againstWhole('packages, of these in the database', { ...first, bytes: first.database }),
    againstWhole('packages, bytes sent', { ...first, bytes: first.sent }),
    againstWhole('packages rebuilt, bytes stored', { ...second, bytes: second.stored }, onePercent),
    againstWhole('packages rebuilt, of these in the database', { ...second, bytes: second.database }),
    againstWhole('packages rebuilt, bytes sent', { ...second, bytes: second.sent }, onePercent),
    againstWhole('packages rebuilt, bytes received', { ...second, bytes: second.received }),
  ]
}

/** All in bytes. */
interface Push {
  readonly sent: number
  readonly received: number
  /** What the data directory grew by. */
  readonly stored: number
  /** What the database grew by. */
  readonly database: number
  /** The NARs as one zstd stream each. */
  readonly whole: number
}

/** So that an empty database and cache are not counted. */
async function startOnce(directory: string): Promise<void> {
  await using _server = await CachixServer.startEmpty(directory)
}

async function pushCounted({ root, objects }: BuiltClosure, directory: string): Promise<Push> {
  const data = `${directory}/data`
  const before = storedBytes(data)
  const traffic = await pushThroughProxy(root, directory)
  const after = storedBytes(data)
  return {
    ...traffic,
    stored: after.all - before.all,
    database: after.database - before.database,
    whole: await sum(objects, (object) => wholeSize(narOf(object))),
  }
}

async function pushThroughProxy(
  root: string,
  directory: string,
): Promise<{ sent: number; received: number }> {
  await using server = await CachixServer.start(directory)
  await using proxy = await CountingProxy.start(server.url)
  await server.push(root, { through: proxy.url })
  return { sent: proxy.sent, received: proxy.received }
}
