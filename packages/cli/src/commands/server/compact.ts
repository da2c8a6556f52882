import type { ServerOptions } from '@cachix/server'
import prettyBytes from 'pretty-bytes'
import type { Terminal } from '../../context.ts'
import { withUpkeep } from './with-upkeep.ts'

/** `cachix server compact` */
export async function compact(terminal: Terminal, options: ServerOptions): Promise<void> {
  const { packs, bytes, usedBytes } = await withUpkeep(terminal, options, (upkeep) => upkeep.compact())
  const what =
    packs === 0
      ? 'Every pack is mostly used: nothing was rewritten.'
      : `Rewrote ${packs} packs of ${prettyBytes(bytes)} to ${prettyBytes(usedBytes)}. Collection deletes the old ones after the grace period.`
  terminal.stdout.write(`${what}\n`)
}
