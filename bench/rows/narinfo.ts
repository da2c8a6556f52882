import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { encodeNix32 } from '@cachix/protocol'
import { closurePart } from '../corpus/corpus.ts'
import type { Figure } from '../figure.ts'
import { requestRate } from '../load/request-rate.ts'
import { interleave } from '../measure/interleave.ts'
import type { RowOptions } from '../row.ts'
import { cacheName } from '../servers/cachix-server.ts'
import { type ServedClosure, serveClosure } from '../servers/served-closure.ts'

/** narinfo hits per second, all paths of the closure in turn, and of paths that are not there, against nginx. */
export async function narinfo(options: RowOptions): Promise<Figure[]> {
  const { root, paths } = closurePart()
  await using served = await serveClosure({ roots: [root], paths })
  const hits = writeList(`${served.directory}/hits`, served.narInfos)
  const misses = writeList(`${served.directory}/misses`, absentNarInfos(2000))
  return [
    await compare(served, options, { what: 'narinfo hits', pathList: hits, connections: 1 }),
    await compare(served, options, { what: 'narinfo hits', pathList: hits, connections: 32 }),
    await compare(served, options, { what: 'misses', pathList: misses, connections: 32, areAbsent: true }),
  ]
}

interface Load {
  readonly what: string
  readonly pathList: string
  readonly connections: number
  readonly areAbsent?: boolean
}

async function compare(
  { ours, nginx }: ServedClosure,
  { quick, rounds }: RowOptions,
  { what, ...load }: Load,
): Promise<Figure> {
  const rate = (origin: string, seconds = quick ? 2 : 3) => requestRate(origin, { ...load, seconds })
  await rate(ours.url, 1)
  await rate(nginx.url, 1)
  const samples = await interleave(rounds, { ours: () => rate(ours.url), nginx: () => rate(nginx.url) })
  return {
    what: `${what}, ${load.connections === 1 ? '1 connection' : `${load.connections} connections`}`,
    unit: '/s',
    ours: { samples: samples.ours },
    peer: { name: 'nginx', samples: samples.nginx },
    ...(load.areAbsent ? {} : { bar: { atLeast: 0.8 } }),
  }
}

function absentNarInfos(count: number): string[] {
  return Array.from({ length: count }, (_, number) => {
    const hash = createHash('sha1').update(`absent ${number}`).digest()
    return `/${cacheName}/${encodeNix32(hash)}.narinfo`
  })
}

function writeList(file: string, paths: readonly string[]): string {
  writeFileSync(file, `${paths.join('\n')}\n`)
  return file
}
