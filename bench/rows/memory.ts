import { parseNarInfo } from '@cachix/protocol'
import { type CorpusPart, largePart } from '../corpus/corpus.ts'
import type { Figure } from '../figure.ts'
import { readSlowly } from '../load/slow-readers.ts'
import { PeakMemory } from '../measure/peak-memory.ts'
import type { RowOptions } from '../row.ts'
import { CachixServer, cacheName } from '../servers/cachix-server.ts'
import { narInfoPath } from '../servers/nar-info-path.ts'
import { Workspace } from '../workspace.ts'

const gibibyte = 2 ** 30
const readers = { count: 1000, rate: 4096 }

/** The most memory that server and client take while one huge NAR is pushed, and the server under slow readers. */
export async function memory({ quick }: RowOptions): Promise<Figure[]> {
  const part = largePart((quick ? 1 : 4) * gibibyte)
  using workspace = new Workspace('memory')
  const pushed = await memoryOfPush(part, workspace.path)
  const slow = await memoryOfSlowReaders(part, { directory: workspace.path, seconds: quick ? 8 : 20 })
  const what = `a NAR of ${quick ? 1 : 4} GiB is pushed`
  return [
    megabytes(`memory of the server while ${what}`, pushed.server, 250),
    megabytes(`memory of the client while ${what}`, pushed.client, 400),
    megabytes('memory of the server, 1,000 slow readers', slow, 250),
  ]
}

async function memoryOfPush(
  { root }: CorpusPart,
  directory: string,
): Promise<{ server: number; client: number }> {
  await using server = await CachixServer.startEmpty(directory)
  using ofServer = new PeakMemory(server.pid)
  let ofClient: PeakMemory | undefined
  try {
    await server.push(root, {
      onStart: (pid) => {
        ofClient = new PeakMemory(pid)
      },
    })
    return { server: ofServer.bytes, client: ofClient?.bytes ?? 0 }
  } finally {
    ofClient?.[Symbol.dispose]()
  }
}

async function memoryOfSlowReaders(
  { root }: CorpusPart,
  how: { directory: string; seconds: number },
): Promise<number> {
  await using server = await CachixServer.start(how.directory)
  const url = await narUrl(server.url, root)
  using peak = new PeakMemory(server.pid)
  await readSlowly(url, { ...readers, seconds: how.seconds })
  return peak.bytes
}

async function narUrl(origin: string, storePath: string): Promise<URL> {
  const response = await fetch(origin + narInfoPath(storePath))
  return new URL(`${origin}/${cacheName}/${parseNarInfo(await response.text()).url}`)
}

function megabytes(what: string, bytes: number, limit: number): Figure {
  return { what, unit: 'MB', ours: { samples: [bytes / 1e6] }, bar: { atMost: limit } }
}
