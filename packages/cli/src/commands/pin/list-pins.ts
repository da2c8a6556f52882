import type { Pins } from '@cachix/api'
import type { Context } from '../../context.ts'
import { printable } from '../../service/explain-failure.ts'
import { PinCalls } from '../../service/pin-calls.ts'
import { formatTable } from '../../terminal/format-table.ts'
import { requireCacheName } from '../require-cache-name.ts'

/** `cachix pin list NAME`. */
export async function listPins(context: Context, name: string): Promise<void> {
  requireCacheName(name)
  const pins = await new PinCalls(context.client, name).list()
  if (pins.length === 0)
    context.stderr.write(`${name} has no pins. \`cachix pin ${name} PIN PATH\` makes one.\n`)
  context.stdout.write(formatTable(pins.map(rowOf)))
}

function rowOf({ name, keep, lastRevision }: Pins[number]): string[] {
  const { revision, storePath, createdOn } = lastRevision
  return [name, storePath, `revision ${revision}`, createdOn.slice(0, 10), describe(keep)].map(printable)
}

function describe(keep: Pins[number]['keep']): string {
  if (keep === null || keep.tag === 'Forever') return 'kept for ever'
  return keep.tag === 'Days' ? `kept for ${keep.contents} days` : `the last ${keep.contents} are kept`
}
