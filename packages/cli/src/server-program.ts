import type { Command } from '@commander-js/extra-typings'
import { examples } from './examples.ts'
import type { GlobalOptions, Terminal } from './context.ts'

/** The commands of `cachix server`, which work on its data directly. */
export function defineServer(program: Command<[], GlobalOptions>, terminal: Terminal): void {
  const server = defineGroup(program)
  for (const define of definitions) define(server, terminal)
}

type Group = ReturnType<typeof defineGroup>

function defineGroup(program: Command<[], GlobalOptions>) {
  return program
    .command('server')
    .summary('look after the data of the service')
    .description(
      "Look after the service's data, on the machine where it is, whether the service is running or not.",
    )
}

const definitions: readonly ((server: Group, terminal: Terminal) => void)[] = [
  defineCollect,
  defineCompact,
  defineFsck,
  defineStats,
  defineBackup,
  defineRekey,
]

const dataOption = [
  '--data <dir>',
  'where the service keeps everything (default: $XDG_DATA_HOME/cachix)',
] as const
const databaseOption = ['--database <url>', 'postgres://… if it is not a file in the data directory'] as const
const keyOption = ['--service-key-file <file>', 'the service key, if you keep it elsewhere'] as const
const graceOption = [
  '--grace <hours>',
  'keep for so long what running pushes may count on (default: 24)',
] as const

function defineCollect(server: Group, terminal: Terminal): void {
  server
    .command('collect')
    .summary('delete what nothing has needed for a while')
    .description('Delete what nothing has needed for a while. The running service does this by itself.')
    .option(...dataOption)
    .option(...databaseOption)
    .option(...graceOption)
    .action(async (options) => {
      const { collect } = await import('./commands/server/collect.ts')
      await collect(terminal, options)
    })
}

function defineCompact(server: Group, terminal: Terminal): void {
  server
    .command('compact')
    .summary('rewrite mostly dead packs')
    .description('Rewrite mostly dead packs. The running service does this by itself.')
    .option(...dataOption)
    .option(...databaseOption)
    .option(...graceOption)
    .action(async (options) => {
      const { compact } = await import('./commands/server/compact.ts')
      await compact(terminal, options)
    })
}

function defineFsck(server: Group, terminal: Terminal): void {
  server
    .command('fsck')
    .summary('check everything that is stored')
    .description(
      'Check everything that is stored. What is damaged is no longer served, and listed, to be pushed again. The exit status is 0 if all is well.',
    )
    .option(...dataOption)
    .option(...databaseOption)
    .option(
      '--repair',
      'save what is right of damaged packs; let collection have files that belong to nothing',
    )
    .option('--thorough', 'also read and decompress every NAR as it is served')
    .addHelpText(
      'after',
      examples(['cachix server fsck', 'cachix server fsck --repair --data /var/lib/cachix']),
    )
    .action(async (options) => {
      const { fsck } = await import('./commands/server/fsck.ts')
      await fsck(terminal, options)
    })
}

function defineStats(server: Group, terminal: Terminal): void {
  server
    .command('stats')
    .summary('show what is stored')
    .description('Show what is stored, and what it would take without deduplication.')
    .option(...dataOption)
    .option(...databaseOption)
    .option('--json', 'for programs; in bytes')
    .action(async (options) => {
      const { stats } = await import('./commands/server/stats.ts')
      await stats(terminal, options)
    })
}

function defineBackup(server: Group, terminal: Terminal): void {
  server
    .command('backup')
    .summary('copy everything to a directory')
    .description('Make a directory a copy of everything, as of one moment; again, to bring it up to date.')
    .argument('<dir>', 'the directory')
    .option(...dataOption)
    .option(...databaseOption)
    .option(...keyOption)
    .addHelpText('after', examples(['cachix server backup /mnt/backup/cachix']))
    .action(async (directory, options) => {
      const { backup } = await import('./commands/server/backup.ts')
      await backup(terminal, directory, options)
    })
}

function defineRekey(server: Group, terminal: Terminal): void {
  server
    .command('rekey')
    .summary('seal its secrets with another key')
    .description(
      'Seal the signing keys that the service keeps with another service key, all or none. The service must be stopped.',
    )
    .requiredOption('--to <file>', 'the new key: a file of 32 random bytes')
    .option(
      '--drop-lost',
      'the old key is lost: give up the signing keys that only it opens, and list their caches',
    )
    .option(...dataOption)
    .option(...databaseOption)
    .option(...keyOption)
    .addHelpText(
      'after',
      examples(['head -c 32 /dev/urandom > /root/cachix.key', 'cachix server rekey --to /root/cachix.key']),
    )
    .action(async (options) => {
      const { rekey } = await import('./commands/server/rekey.ts')
      await rekey(terminal, options)
    })
}
