import { InvalidArgumentError, type Command } from '@commander-js/extra-typings'
import type { Context, GlobalOptions } from './context.ts'
import { examples } from './examples.ts'

/** `cachix import`. */
export function defineImport(program: Command<[], GlobalOptions>, openContext: () => Promise<Context>): void {
  program
    .command('import')
    .summary('copy paths from another binary cache')
    .description(
      'Copy store paths, and everything they need, from another binary cache: https://…, http://…, file://DIR or s3://BUCKET?endpoint=…&region=…. Each is verified, and what is there already is left alone.',
    )
    .argument('<name>', 'the cache to copy to')
    .argument('<source>', 'the cache to copy from')
    .argument('[paths...]', 'store paths; without any: everything, from file:// and s3://')
    .option('--trusted-public-key <key...>', 'also take what this key (NAME:BASE64) has signed')
    .option('--netrc-file <file>', "logins of web servers (default: Nix's)")
    .option('--no-check-sigs', 'take what no trusted key has signed')
    .option(
      '-j, --jobs <count>',
      'store paths read at the same time (default: as many as there are cores)',
      wholeNumber,
    )
    .option('-l, --compression-level <level>', 'of zstd: 0 (quick) to 16 (small)', wholeNumber)
    .option('--bundle-size <megabytes>', 'largest upload (default: 32)', wholeNumber)
    .option('--omit-deriver', 'do not tell which derivation built a path')
    .addHelpText(
      'after',
      examples([
        'cachix import mycache file:///mnt/cache --trusted-public-key builder-1:AAAA…',
        'cachix import mycache https://cache.nixos.org /nix/store/…-hello-2.12',
        "cachix import mycache 's3://bucket?endpoint=http://minio:9000&region=us-east-1'",
      ]),
    )
    .action(async (...[cacheName, source, paths, options]) => {
      const { importCache } = await import('./commands/import.ts')
      await importCache(await openContext(), { cacheName, source, paths, ...options })
    })
}

function wholeNumber(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}
