import type { ServerOptions, StoreReport } from '@cachix/server'
import prettyBytes from 'pretty-bytes'
import { CliError } from '../../cli-error.ts'
import type { Terminal } from '../../context.ts'
import { withUpkeep } from './with-upkeep.ts'

interface FsckOptions extends ServerOptions {
  readonly repair?: boolean | undefined
  readonly thorough?: boolean | undefined
}

/** `cachix server fsck`. Throws CliError unless all is well. */
export async function fsck(terminal: Terminal, options: FsckOptions): Promise<void> {
  const { repair = false, thorough = false, ...where } = options
  const report = await withUpkeep(terminal, where, (upkeep) => upkeep.check({ repair, thorough }))
  terminal.stdout.write(`${describe(report).join('\n')}\n`)
  if (!report.isSound) throw new CliError('service', verdict(report))
}

function describe(report: StoreReport): string[] {
  const { packs, packBytes, nars, strays, strayBytes } = report
  return [
    `Checked ${packs} packs (${prettyBytes(packBytes)}) and ${nars} NARs.`,
    ...report.damagedPacks.map((name) => `Damaged: pack ${name}`),
    ...report.wrongChunks.map((name) => `Recorded wrongly: chunk ${name}`),
    ...report.wrongNars.map((fileHash) => `Recorded wrongly: NAR ${fileHash}`),
    ...report.recoveredPacks.map((name) => `Right again: pack ${name}`),
    ...(strays > 0
      ? [`${strays} files (${prettyBytes(strayBytes)}) belong to nothing. Collection takes them.`]
      : []),
    ...listPaths(report),
    ...(report.isSound ? ['All is well.'] : []),
  ]
}

function listPaths({ damagedPaths }: StoreReport): string[] {
  if (damagedPaths.length === 0) return []
  const paths = damagedPaths.map(({ cacheName, storePath }) => `  ${cacheName}  ${storePath}`)
  return ['Push these again, to the cache named before each:', ...paths]
}

function verdict({ damagedPaths }: StoreReport): string {
  if (damagedPaths.length === 0) return 'What is not right is not used any more. No path needs it.'
  return `${damagedPaths.length} store paths are damaged. They are not served until they are pushed again.`
}
