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
  return [
    againstWhole('packages, bytes stored', { bytes: first.stored, whole: first.whole }, { atMost: 1.08 }),
    againstWhole('packages, bytes sent', { bytes: first.sent, whole: first.whole }),
    againstWhole(
      'packages rebuilt, bytes stored',
      { bytes: second.stored, whole: second.whole },
      { atMost: 0.01 },
    ),
    againstWhole(
      'packages rebuilt, bytes sent',
      { bytes: second.sent, whole: second.whole },
      { atMost: 0.01 },
    ),
    againstWhole('packages rebuilt, bytes received', { bytes: second.received, whole: second.whole }),
  ]
}

/** All in bytes. */
interface Push {
  readonly sent: number
  readonly received: number
  /** What the data directory grew by. */
  readonly stored: number
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
  const { sent, received } = await pushThroughProxy(root, directory)
  const stored = storedBytes(data) - before
  return { sent, received, stored, whole: await sum(objects, (object) => wholeSize(narOf(object))) }
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
