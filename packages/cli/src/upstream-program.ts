import type { Command } from '@commander-js/extra-typings'
import type { Context, GlobalOptions } from './context.ts'
import { examples } from './examples.ts'

/** The commands of `cachix upstream`. */
export function defineUpstream(
  program: Command<[], GlobalOptions>,
  openContext: () => Promise<Context>,
): void {
  const upstream = program
    .command('upstream')
    .summary('say which other caches need not be copied')
    .description(
      'Declare caches whose paths need not be stored again. Every cache starts with cache.nixos.org.',
    )
  upstream
    .command('list')
    .description('Show the upstreams of a cache and their keys.')
    .argument('<name>', 'the cache')
    .action(async (name) => {
      const { listUpstreams } = await import('./commands/upstream/change-upstreams.ts')
      await listUpstreams(await openContext(), name)
    })
  upstream
    .command('add')
    .description('Declare an upstream: what it has signed is no longer stored. Readers have to use it too.')
    .argument('<name>', 'the cache')
    .argument('<url>', 'address of the upstream')
    .argument('<keys...>', 'its public keys, NAME:BASE64')
    .addHelpText(
      'after',
      examples([
        'cachix upstream add mycache https://nix-community.cachix.org nix-community.cachix.org-1:mB9F…',
      ]),
    )
    .action(async (name, url, publicKeys) => {
      const { addUpstream } = await import('./commands/upstream/change-upstreams.ts')
      await addUpstream(await openContext(), { name, url, publicKeys })
    })
  upstream
    .command('remove')
    .description('Take it back. It stays while paths of the cache need paths that only the upstream has.')
    .argument('<name>', 'the cache')
    .argument('<url>', 'address of the upstream')
    .action(async (name, url) => {
      const { removeUpstream } = await import('./commands/upstream/change-upstreams.ts')
      await removeUpstream(await openContext(), name, url)
    })
}
