import { resolve } from 'node:path'
import type { ServerOptions } from '@cachix/server'
import type { Terminal } from '../../context.ts'
import { withUpkeep } from './with-upkeep.ts'

/** `cachix server backup DIR` */
export async function backup(terminal: Terminal, directory: string, options: ServerOptions): Promise<void> {
  const target = resolve(directory)
  const made = await withUpkeep(terminal, options, (upkeep) => upkeep.backUp(target))
  terminal.stdout.write(
    `${target} has the database (${made.database}), the service key and ${made.packs} packs, ${made.newPacks} of them new.\n`,
  )
}
