import type { Command } from '@commander-js/extra-typings'
import { InvalidArgumentError, Option } from '@commander-js/extra-typings'
import type { Context, GlobalOptions } from './context.ts'
import { examples } from './examples.ts'

type OpenContext = () => Promise<Context>

/** `cachix pin`, which pins by itself as the genuine client's does, and the commands below it. */
export function definePin(program: Command<[], GlobalOptions>, openContext: OpenContext): void {
  const pin = program
    .command('pin')
    .summary('keep a path in a binary cache under a name')
    .description('Keep a path that is in a binary cache, and everything it needs, under a name.')
    .argument('<cache>', 'the cache')
    .argument('<pin>', 'the name')
    .argument('<path>', 'a store path, or a link to one; push it first')
    .option('-a, --artifact <file>', 'a file of the path that people look for; may be repeated', collect)
    .addOption(new Option('--keep-days <days>', 'keep each for so many days').argParser(positive))
    .addOption(
      new Option('--keep-revisions <count>', 'keep the last ones').argParser(positive).conflicts('keepDays'),
    )
    .addOption(
      new Option('--keep-forever', 'keep all (the default)').conflicts(['keepDays', 'keepRevisions']),
    )
    .addHelpText('after', examples(['cachix pin mycache v1.0 ./result', 'cachix pin list mycache']))
    .action(async (...given) => {
      const [name, pinName, path, options] = given
      const { pinPath } = await import('./commands/pin/pin-path.ts')
      await pinPath(await openContext(), { name, pin: pinName, path, ...options })
    })
  defineList(pin as unknown as Command, openContext)
  defineRemove(pin as unknown as Command, openContext)
}

function defineList(pin: Command, openContext: OpenContext): void {
  pin
    .command('list')
    .summary('show the pins of a cache')
    .description('Show the pins of a cache, and the path each stands for now.')
    .argument('<name>', 'the cache')
    .action(async (name) => {
      const { listPins } = await import('./commands/pin/list-pins.ts')
      await listPins(await openContext(), name)
    })
}

function defineRemove(pin: Command, openContext: OpenContext): void {
  pin
    .command('remove')
    .summary('remove a pin')
    .description('Remove a pin with all its revisions. The paths themselves stay.')
    .argument('<name>', 'the cache')
    .argument('<pin>', 'the name of the pin')
    .addHelpText('after', examples(['cachix pin remove mycache v1.0']))
    .action(async (name, pinName) => {
      const { removePin } = await import('./commands/pin/remove-pin.ts')
      await removePin(await openContext(), name, pinName)
    })
}

function collect(file: string, files: string[] = []): string[] {
  return [...files, file]
}

function positive(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1 on.')
}
