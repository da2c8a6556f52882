import { resolve } from 'node:path'
import type { ServerOptions, Upkeep } from '@cachix/server'
import type { Terminal } from '../../context.ts'
import { withUpkeep } from './with-upkeep.ts'

interface RekeyOptions extends ServerOptions {
  readonly to: string
  readonly dropLost?: boolean | undefined
}

type Resealed = Awaited<ReturnType<Upkeep['rekey']>>

/** `cachix server rekey` */
export async function rekey(
  terminal: Terminal,
  { to, dropLost = false, ...where }: RekeyOptions,
): Promise<void> {
  const file = resolve(to)
  const { kept, dropped } = await withUpkeep(terminal, where, (upkeep) => upkeep.rekey(file, { dropLost }))
  const what = kept === 1 ? '1 signing key is' : `${kept} signing keys are`
  terminal.stdout.write(
    `${what} sealed with the key in ${file} now. Start the service with it:

  cachix serve --service-key-file ${file}

Uploads in parts that were under way start over. Backups made before still need the old key.
${dropped.length === 0 ? 'Once you need none of them, destroy it.\n' : mourn(dropped)}`,
  )
}

function mourn(dropped: Resealed['dropped']): string {
  const caches = [...new Set(dropped.map(({ cacheName }) => cacheName))]
  const lines = dropped.map(({ cacheName, keyName }) => `  ${cacheName}: ${keyName}`)
  return `
These signing keys are lost. What they have signed stays valid, but nobody can sign with them any more:

${lines.join('\n')}

Until the owners of these caches give them other keys, nothing can be pushed there that no other key signs:

${caches.map(advice).join('\n')}`
}

function advice(cacheName: string): string {
  return `  cachix key add ${cacheName} --managed    # a new key, kept by the service
  cachix key sign ${cacheName}             # sign with it what is there already
  cachix use ${cacheName}                  # wherever it is used
  cachix key retire ${cacheName} KEY       # the lost one, when everybody does
`
}
