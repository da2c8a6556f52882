import { writeFileSync } from 'node:fs'
import { closurePart } from '../corpus/corpus.ts'
import type { Figure } from '../figure.ts'
import { requestRate } from '../load/request-rate.ts'
import { interleave } from '../measure/interleave.ts'
import type { RowOptions } from '../row.ts'
import { serveClosure } from '../servers/served-closure.ts'

/** narinfo hits per second, all paths of the closure in turn, against nginx. */
export async function narinfo({ quick, rounds }: RowOptions): Promise<Figure[]> {
  const { root, paths } = closurePart()
  await using served = await serveClosure({ roots: [root], paths })
  const pathList = `${served.directory}/narinfos`
  writeFileSync(pathList, `${served.narInfos.join('\n')}\n`)
  const figures: Figure[] = []
  for (const connections of [1, 32]) {
    const load = { pathList, connections, seconds: quick ? 2 : 3 }
    await requestRate(served.ours.url, { ...load, seconds: 1 })
    const { ours, nginx } = await interleave(rounds, {
      ours: () => requestRate(served.ours.url, load),
      nginx: () => requestRate(served.nginx.url, load),
    })
    figures.push({
      what: `narinfo hits, ${plural(connections)}`,
      unit: '/s',
      ours: { samples: ours },
      peer: { name: 'nginx', samples: nginx },
      bar: { atLeast: 0.8 },
    })
  }
  return figures
}

function plural(connections: number): string {
  return connections === 1 ? '1 connection' : `${connections} connections`
}
