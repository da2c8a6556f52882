import { tinyPart } from '../corpus/corpus.ts'
import type { Figure } from '../figure.ts'
import type { RowOptions } from '../row.ts'
import { CachixServer } from '../servers/cachix-server.ts'
import { Workspace } from '../workspace.ts'

/** Pushing a large closure of which the server has everything. */
export async function again({ rounds }: RowOptions): Promise<Figure[]> {
  const { root } = tinyPart(10_000)
  using workspace = new Workspace('again')
  await using server = await CachixServer.startEmpty(workspace.path)
  await server.push(root)
  const samples: number[] = []
  for (let round = 0; round < rounds; round++) samples.push(await server.push(root))
  return [{ what: 'push again, nothing new, 10,000 paths', unit: 's', ours: { samples }, bar: { atMost: 2 } }]
}
