import type { Command } from '@commander-js/extra-typings'
import { Argument, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import type { Context, GlobalOptions } from './context.ts'
import { parseDuration } from './duration.ts'
import { examples } from './examples.ts'

interface Setup {
  readonly program: Command<[], GlobalOptions>
  readonly openContext: () => Promise<Context>
}

/** The commands about who may do what, and whether there is anything to do it with: `token`, `oidc`, `visibility`, `delete`. */
export function defineAccess(setup: Setup): void {
  defineToken(setup)
  defineOidc(setup)
  defineVisibility(setup)
  defineDelete(setup)
}

function defineToken({ program, openContext }: Setup): void {
  const token = program
    .command('token')
    .summary('make, list and revoke tokens')
    .description('Make, list and revoke tokens.')
  token
    .command('create')
    .summary('make a token')
    .description('Make a token: for one cache, or one that may do everything you may. Prints it.')
    .option('--cache <name>', 'the one cache it is for')
    .addOption(
      new Option('--permission <permission>', 'what it may do there').choices([
        'read',
        'write',
        'admin',
      ] as const),
    )
    .option('--description <text>', 'what to tell it by')
    .option('--expires <time>', 'when it stops working: 12h, 30d, 1y (default: never)', parseDuration)
    .addHelpText(
      'after',
      examples([
        'cachix token create --cache mycache --permission read --description "the build machines"',
        'cachix token create --cache mycache --permission write --expires 30d',
      ]),
    )
    .action(async (options) => {
      const { makeToken } = await import('./commands/token/create.ts')
      await makeToken(await openContext(), options)
    })
  token
    .command('list')
    .summary('list tokens')
    .description('List tokens: all of yours, or those of the cache that this token administrates.')
    .option('--json', 'for programs')
    .action(async (options) => {
      const { printTokens } = await import('./commands/token/list.ts')
      await printTokens(await openContext(), options)
    })
  token
    .command('revoke')
    .summary('revoke a token')
    .description('Revoke a token: from now on nobody can use it.')
    .argument('<id>', 'its number, as `cachix token list` shows it')
    .action(async (id) => {
      const { withdrawToken } = await import('./commands/token/revoke.ts')
      await withdrawToken(await openContext(), id)
    })
}

function defineOidc(setup: Setup): void {
  const oidc = defineOidcGroup(setup.program)
  defineOidcAdd(oidc, setup)
  oidc
    .command('list')
    .summary('list whom a cache trusts')
    .description('List whom a cache trusts.')
    .argument('<name>', 'the cache')
    .option('--json', 'for programs')
    .action(async (name, options) => {
      const { printRules } = await import('./commands/oidc/list.ts')
      await printRules(await setup.openContext(), name, options)
    })
  oidc
    .command('remove')
    .summary('trust them no longer')
    .description('Remove a rule, and revoke the tokens it gave.')
    .argument('<name>', 'the cache')
    .argument('<id>', 'number of the rule, as `cachix oidc list` shows it')
    .action(async (name, id) => {
      const { distrustIdentity } = await import('./commands/oidc/remove.ts')
      await distrustIdentity(await setup.openContext(), name, id)
    })
}

function defineOidcGroup(program: Setup['program']) {
  return program
    .command('oidc')
    .summary('say which CI jobs may use a cache without a secret')
    .description('Say which CI jobs may use a cache without a secret, by the identity their CI vouches for.')
}

function defineOidcAdd(oidc: ReturnType<typeof defineOidcGroup>, { openContext }: Setup): void {
  oidc
    .command('add')
    .summary('trust jobs of a CI')
    .description('Trust jobs of a CI: they exchange their identity for a token that expires soon.')
    .argument('<name>', 'the cache')
    .requiredOption('--issuer <url>', 'who vouches for them: github, gitlab, or the URL of another')
    .option('--audience <text>', "for whom their identity must be (default: the service's address)")
    .option(
      '--claim <claim=pattern>',
      'what it must say; * is anything without / and :, ** anything. Give all that you know',
      addClaim,
    )
    .addOption(
      new Option('--permission <permission>', 'what they may do')
        .choices(['read', 'write'] as const)
        .default('write' as const),
    )
    .option('--lifetime <time>', 'of the tokens they get: up to 1d (default: 1h)', parseDuration)
    .addHelpText(
      'after',
      examples([
        'cachix oidc add mycache --issuer github --claim repository=me/project --claim ref=refs/heads/main',
        'cachix oidc add mycache --issuer https://gitlab.example.org --claim "project_path=team/*" --permission read',
      ]),
    )
    .action(async (name, options) => {
      const { trustIdentity } = await import('./commands/oidc/add.ts')
      await trustIdentity(await openContext(), name, options)
    })
}

function addClaim(text: string, claims: Record<string, string> = {}): Record<string, string> {
  const [, claim, pattern] = /^([^=]+)=([\s\S]+)$/.exec(text) ?? []
  if (claim !== undefined && pattern !== undefined) return { ...claims, [claim]: pattern }
  throw new InvalidArgumentError('It must be CLAIM=PATTERN, such as repository=me/project.')
}

function defineDelete({ program, openContext }: Setup): void {
  program
    .command('delete')
    .summary('delete a cache, for good')
    .description(
      'Delete a cache with its paths, keys, tokens and pins, for everybody and for good. You are asked to type its name.',
    )
    .argument('<name>', 'the cache')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples(['cachix delete mycache']))
    .action(async (name, options) => {
      const { removeCache } = await import('./commands/delete.ts')
      await removeCache(await openContext(), name, options)
    })
}

function defineVisibility({ program, openContext }: Setup): void {
  program
    .command('visibility')
    .summary('make a cache public or private')
    .description('Make a cache public, so that everybody may read it, or private: only with a token.')
    .argument('<name>', 'the cache')
    .addArgument(new Argument('<visibility>', 'what it shall be').choices(['public', 'private'] as const))
    .addHelpText('after', examples(['cachix visibility mycache private']))
    .action(async (name, visibility) => {
      const { changeVisibility } = await import('./commands/visibility.ts')
      await changeVisibility(await openContext(), name, visibility)
    })
}
