import { resolve } from 'node:path'
import type { ServerOptions } from '@cachix/server'
import type { Terminal } from '../../context.ts'
import { withUpkeep } from './with-upkeep.ts'

interface RekeyOptions extends ServerOptions {
  readonly to: string
}

/** `cachix server rekey` */
export async function rekey(terminal: Terminal, { to, ...where }: RekeyOptions): Promise<void> {
  const file = resolve(to)
  const secrets = await withUpkeep(terminal, where, (upkeep) => upkeep.rekey(file))
  const what = secrets === 1 ? '1 signing key is' : `${secrets} signing keys are`
  terminal.stdout.write(
    `${what} sealed with the key in ${file} now. Start the service with it:

  cachix serve --service-key-file ${file}

Uploads in parts that were under way start over. Backups made before still need the old key.
Once you need none of them, destroy it.
`,
  )
}
