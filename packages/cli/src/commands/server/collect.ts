import type { ServerOptions } from '@cachix/server'
import prettyBytes from 'pretty-bytes'
import type { Terminal } from '../../context.ts'
import { withUpkeep } from './with-upkeep.ts'

/** `cachix server collect` */
export async function collect(terminal: Terminal, options: ServerOptions): Promise<void> {
  const { packs, bytes } = await withUpkeep(terminal, options, (upkeep) => upkeep.collect())
  terminal.stdout.write(`Deleted ${packs} packs: ${prettyBytes(bytes)} are free.\n`)
}
