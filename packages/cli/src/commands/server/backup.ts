import { resolve } from 'node:path'
import type { ServerOptions } from '@cachix/server'
import type { Terminal } from '../../context.ts'
import { withUpkeep } from './with-upkeep.ts'

/** `cachix server backup DIR` */
export async function backup(terminal: Terminal, directory: string, options: ServerOptions): Promise<void> {
  const target = resolve(directory)
  const made = await withUpkeep(terminal, options, (upkeep) => upkeep.backUp(target))
  const key = made.hasServiceKey ? ', the service key' : ''
  const rest = made.hasServiceKey ? '' : ' The service key is not in it: you keep that.'
  terminal.stdout.write(
    `${target} has the database (${made.database})${key} and ${made.packs} packs, ${made.newPacks} of them new.${rest}\n`,
  )
}
