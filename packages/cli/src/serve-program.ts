import type { Command } from '@commander-js/extra-typings'
import { examples } from './examples.ts'
import type { GlobalOptions, Terminal } from './context.ts'

/** `cachix serve`. */
export function defineServe(program: Command<[], GlobalOptions>, terminal: Terminal): void {
  program
    .command('serve')
    .summary('run the service')
    .description(
      'Run the service: every cache, and the API the other commands talk to. Needs no configuration.',
    )
    .option('--listen <host:port>', 'where to listen (default: 127.0.0.1:8080)')
    .option('--data <dir>', 'where everything is kept (default: $XDG_DATA_HOME/cachix)')
    .option('--owner-token-file <file>', "on the first start, also write the owner's token to this file")
    .option(
      '--service-key-file <file>',
      'the key that seals its secrets (default: made in the data directory)',
    )
    .option('--public-url <url>', 'how clients reach it (default: http://localhost:PORT)')
    .option('--database <url>', 'postgres://… instead of a file in the data directory')
    .option('--max-nar-size <bytes>', 'the largest NAR it takes (default: 64 GiB)')
    .option('--trusted-proxy <addresses>', 'believe X-Forwarded-For of these, for limits by address')
    .option(
      '--oidc-issuers <origins>',
      "whose CI identities to take besides GitHub's and GitLab.com's, with commas; *: any",
    )
    .option(
      '--ask-upstreams <origins>',
      'other caches it asks what they have, or none (default: https://cache.nixos.org)',
    )
    .option('--no-upkeep', 'leave deleting and rewriting packs to `cachix server collect` and `compact`')
    .option('--grace <hours>', 'keep for so long what running pushes may count on (default: 24)')
    .addHelpText(
      'after',
      examples(['cachix serve', 'cachix serve --listen 0.0.0.0:80 --data /var/lib/cachix']),
    )
    .action(async (options) => {
      const { serve } = await import('./commands/serve.ts')
      await serve(terminal, options)
    })
}
