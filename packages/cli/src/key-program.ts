import type { Command } from '@commander-js/extra-typings'
import type { Context, GlobalOptions } from './context.ts'
import { examples } from './examples.ts'

type OpenContext = () => Promise<Context>

/** The commands of `cachix key`. */
export function defineKey(program: Command<[], GlobalOptions>, openContext: OpenContext): void {
  const key = defineGroup(program)
  for (const define of [defineAdd, defineList, defineSign, defineRetire]) define(key, openContext)
}

type Group = ReturnType<typeof defineGroup>

function defineGroup(program: Command<[], GlobalOptions>) {
  return program
    .command('key')
    .summary('change the signing keys of a binary cache')
    .description('Add, list, use and retire the signing keys of a binary cache.')
}

function defineAdd(key: Group, openContext: OpenContext): void {
  key
    .command('add')
    .summary('give a cache one more key')
    .description(
      'Give a cache one more signing key, made on this machine unless you say otherwise. Those it has stay in use beside it.',
    )
    .argument('<name>', 'the cache')
    .option('--public-key <key>', 'the public half of a key that is elsewhere: base64, or NAME:BASE64')
    .option('--managed', 'let the service make and keep the key')
    .addHelpText(
      'after',
      examples(['cachix key add mycache', 'cachix key add mycache --public-key builder-1:AAAA…']),
    )
    .action(async (name, options) => {
      const { addKey } = await import('./commands/key/add-key.ts')
      await addKey(await openContext(), name, options)
    })
}

function defineList(key: Group, openContext: OpenContext): void {
  key
    .command('list')
    .summary('show the keys of a cache')
    .description('Show the keys of a cache, oldest first, and how many paths each has not signed.')
    .argument('<name>', 'the cache')
    .action(async (name) => {
      const { listKeys } = await import('./commands/key/list-keys.ts')
      await listKeys(await openContext(), name)
    })
}

function defineSign(key: Group, openContext: OpenContext): void {
  key
    .command('sign')
    .summary('sign what is in a cache with its other keys')
    .description(
      'Sign all paths of a cache that lack a signature by the active keys at hand, or kept by the service. Only what a key at hand, or a trusted one, has signed before is signed.',
    )
    .argument('<name>', 'the cache')
    .option('--key <key>', 'only with this key of the cache, by its name')
    .option('--trusted-public-key <key...>', 'also sign what this key (NAME:BASE64) has signed')
    .addHelpText('after', examples(['cachix key sign mycache']))
    .action(async (name, options) => {
      const { signPaths } = await import('./commands/key/sign-paths.ts')
      await signPaths(await openContext(), { name, ...options })
    })
}

function defineRetire(key: Group, openContext: OpenContext): void {
  key
    .command('retire')
    .summary('accept nothing more that is signed with a key')
    .description(
      'Retire a key: signatures it has made stay, new ones are refused, and `cachix use` no longer trusts it.',
    )
    .argument('<name>', 'the cache')
    .argument('<key>', 'the name of the key')
    .option('--force', 'also if there are paths without a signature by another active key')
    .addHelpText('after', examples(['cachix key retire mycache mycache.cache.example.org-1']))
    .action(async (name, key, options) => {
      const { retireKey } = await import('./commands/key/retire-key.ts')
      await retireKey(await openContext(), { name, key, force: options.force === true })
    })
}
