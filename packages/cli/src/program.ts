import type { Command } from '@commander-js/extra-typings'
import { Command as Program, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { defineAccess } from './access-program.ts'
import type { Context, GlobalOptions, Terminal } from './context.ts'
import { configPathOf, openContext } from './context.ts'
import { examples } from './examples.ts'
import { defineImport } from './import-program.ts'
import { defineKey } from './key-program.ts'
import { definePin } from './pin-program.ts'
import { defineServe } from './serve-program.ts'
import { defineServer } from './server-program.ts'
import { defineUpstream } from './upstream-program.ts'
import { version } from './version.ts'

/** What a command's definition needs to run its body. Bodies are imported when they are run, so that starting is quick. */
interface Setup {
  readonly program: Command<[], GlobalOptions>
  readonly terminal: Terminal
  readonly openContext: () => Promise<Context>
}

/** The whole command line, ready to parse. Its actions throw CliError. */
export function createProgram(terminal: Terminal): Command<[], GlobalOptions> {
  const program = new Program('cachix')
    .description('Push Nix builds to a binary cache, and use them elsewhere.')
    .version(`cachix ${version}`, '-V, --version', 'print the version')
    .option('-c, --config <path>', 'the configuration file (default: $XDG_CONFIG_HOME/cachix/cachix.json)')
    .option('--host, --hostname <uri>', 'the service to talk to (default: $CACHIX_HOST, or as configured)')
    .option('-v, --verbose', 'show where an error came from')
    .helpOption('-h, --help', 'show this help')
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .showHelpAfterError('(add --help for the options and examples)')
    .exitOverride()
  const setup: Setup = { program, terminal, openContext: () => openContext(terminal, program.opts()) }
  for (const define of definitions) define(setup)
  return program.addHelpText(
    'after',
    examples([
      'cachix serve',
      'cachix create mycache',
      'nix-build | cachix push mycache',
      'cachix use mycache',
    ]),
  )
}

const definitions: readonly ((setup: Setup) => void)[] = [
  defineAuthtoken,
  defineCreate,
  definePush,
  defineUse,
  defineRemove,
  defineGenerateKeypair,
  defineAccess,
  ({ program, openContext }) => defineImport(program, openContext),
  ({ program, openContext }) => defineKey(program, openContext),
  ({ program, openContext }) => definePin(program, openContext),
  ({ program, openContext }) => defineUpstream(program, openContext),
  defineConfig,
  ({ program, terminal }) => defineServe(program, terminal),
  ({ program, terminal }) => defineServer(program, terminal),
]

function defineAuthtoken({ program, openContext }: Setup): void {
  program
    .command('authtoken')
    .summary('save the token that identifies you to the service')
    .description(
      'Save the token that identifies you to the service. CACHIX_AUTH_TOKEN, where set, is used instead of it.',
    )
    .argument('[token]', 'the token')
    .option(
      '--stdin',
      'read the token from standard input, so that it shows in no process list and no history',
    )
    .option('--oidc <name>', 'in CI: get a token for this cache, which trusts the job (see `cachix oidc`)')
    .option('--oidc-token-file <file>', 'what vouches for the job, if not CI itself or CACHIX_OIDC_TOKEN')
    .option('--oidc-audience <text>', "for whom the job's identity shall be (default: the service's address)")
    .addHelpText(
      'after',
      examples(['cachix authtoken --stdin < token-file', 'cachix authtoken --oidc mycache']),
    )
    .action(async (token, options) => {
      if (options.oidc !== undefined) {
        const { saveExchangedToken } = await import('./commands/authtoken-oidc.ts')
        const { oidcTokenFile: tokenFile, oidcAudience: audience } = options
        await saveExchangedToken(await openContext(), options.oidc, { tokenFile, audience })
        return
      }
      const { saveAuthToken } = await import('./commands/authtoken.ts')
      await saveAuthToken(await openContext(), { token, stdin: options.stdin === true })
    })
}

function defineCreate({ program, openContext }: Setup): void {
  program
    .command('create')
    .summary('create a binary cache')
    .description(
      'Create a binary cache. Its signing key is made on this machine and kept in the configuration file; the service is told the public half only.',
    )
    .argument('<name>', 'name of the new cache')
    .addOption(new Option('--public', 'everybody may read it (the default)').conflicts('private'))
    .option('--private', 'only holders of a token may read it')
    .option(
      '--managed-key',
      'let the service make and keep the signing key, so that a token is enough to push',
    )
    .addHelpText(
      'after',
      examples(['cachix create mycache', 'cachix create mycache --private --managed-key']),
    )
    .action(async (name, options) => {
      const { createCache } = await import('./commands/create.ts')
      const choices = { isPublic: options.private !== true, managedKey: options.managedKey === true }
      await createCache(await openContext(), name, choices)
    })
}

function definePush({ program, openContext }: Setup): void {
  program
    .command('push')
    .summary('push store paths and everything they need')
    .description('Push store paths, and everything they need at run time, to a binary cache.')
    .argument('<name>', 'the cache')
    .argument(
      '[paths...]',
      'store paths, links to them (./result) or files in them; without any: from standard input',
    )
    .option('-l, --compression-level <level>', 'of zstd: 0 (quick) to 16 (small)', integerBetween(0, 16))
    .option('-m, --compression-method <method>', 'zstd, the only one; xz is accepted and means zstd')
    .option(
      '-j, --jobs <count>',
      'store paths read at the same time (default: one for each core)',
      integerBetween(1, 256),
    )
    .option(
      '--bundle-size <megabytes>',
      'largest upload, for proxies that take no more (default: 32)',
      integerBetween(2, 128),
    )
    .option('--omit-deriver', 'do not tell which derivation built a path')
    .option('--include-upstream', 'also store what an upstream of the cache has signed')
    .option('--allow-empty', 'succeed when there is nothing to push')
    .addOption(new Option('-s, --chunk-size <bytes>').hideHelp())
    .addOption(new Option('-n, --num-concurrent-chunks <count>').hideHelp())
    .addHelpText(
      'after',
      examples([
        'nix-build | cachix push mycache',
        'cachix push mycache ./result',
        'nix path-info --recursive .#app | cachix push mycache',
      ]),
    )
    .action(async (cacheName, paths, options) => {
      const { push } = await import('./commands/push.ts')
      await push(await openContext(), { cacheName, paths, ...options })
    })
}

function defineUse({ program, openContext }: Setup): void {
  program
    .command('use')
    .summary('let Nix fetch from a binary cache')
    .description(
      "Let Nix fetch from a binary cache: adds its address and its public key to Nix's settings, and leaves the rest of them alone.",
    )
    .argument('<name>', 'the cache')
    .addOption(
      new Option(
        '-m, --mode <mode>',
        'which settings to change (default: what suits this machine and user)',
      ).choices(['user-nixconf', 'root-nixconf', 'nixos'] as const),
    )
    .option(
      '-O, --output-directory <dir>',
      'write nix.conf, and netrc for a private cache, into this directory',
    )
    .option('-d, --nixos-folder <dir>', 'where the NixOS configuration lies', '/etc/nixos')
    .option('--print', 'change nothing; print the lines for nix.conf and the flags for nix')
    .addHelpText(
      'after',
      examples([
        'cachix use mycache',
        'sudo cachix use mycache --mode root-nixconf',
        'cachix use mycache --print',
      ]),
    )
    .action(async (name, options) => {
      const { useCache } = await import('./commands/use.ts')
      await useCache(await openContext(), { name, ...options })
    })
}

function defineRemove({ program, openContext }: Setup): void {
  program
    .command('remove')
    .summary('undo `cachix use`')
    .description("Undo `cachix use`: takes a binary cache out of Nix's settings. The cache itself stays.")
    .argument('<name>', 'the cache')
    .addOption(
      new Option(
        '-m, --mode <mode>',
        'which settings to change (default: every one that names the cache)',
      ).choices(['user-nixconf', 'root-nixconf', 'nixos'] as const),
    )
    .option('-O, --output-directory <dir>', 'the directory `cachix use -O` wrote to')
    .option('-d, --nixos-folder <dir>', 'where the NixOS configuration lies', '/etc/nixos')
    .addHelpText('after', examples(['cachix remove mycache']))
    .action(async (name, options) => {
      const { removeCache } = await import('./commands/remove.ts')
      await removeCache(await openContext(), { name, ...options })
    })
}

function defineGenerateKeypair({ program, openContext }: Setup): void {
  program
    .command('generate-keypair')
    .summary('give a binary cache a signing key made here')
    .description(
      'Make a signing key for a binary cache that has none yet, keep it in the configuration file, tell the service its public half, and print it for use elsewhere (CACHIX_SIGNING_KEY).',
    )
    .argument('<name>', 'the cache')
    .addHelpText('after', examples(['cachix generate-keypair mycache']))
    .action(async (name) => {
      const { generateKeypair } = await import('./commands/generate-keypair.ts')
      await generateKeypair(await openContext(), name)
    })
}

function defineConfig({ program, terminal }: Setup): void {
  const config = program
    .command('config')
    .summary('read or change the configuration')
    .description('Read or change the configuration.')
  config
    .command('get')
    .description('Print a setting.')
    .argument('<setting>', 'hostname')
    .addHelpText('after', examples(['cachix config get hostname']))
    .action(async (setting) => {
      const { printSetting } = await import('./commands/config.ts')
      await printSetting(terminal, configPathOf(terminal, program.opts()), setting)
    })
  config
    .command('set')
    .description('Change a setting.')
    .argument('<setting>', 'hostname')
    .argument('<value>', 'for hostname: the address of the service')
    .addHelpText('after', examples(['cachix config set hostname https://cache.example.org']))
    .action(async (setting, value) => {
      const { changeSetting } = await import('./commands/config.ts')
      await changeSetting(terminal, configPathOf(terminal, program.opts()), { setting, value })
    })
}

function integerBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
  }
}
