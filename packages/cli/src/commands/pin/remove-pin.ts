import type { Context } from '../../context.ts'
import { PinCalls } from '../../service/pin-calls.ts'
import { requireCacheName } from '../require-cache-name.ts'
import { requireToken } from '../require-token.ts'

/** `cachix pin remove NAME PIN`. */
export async function removePin(context: Context, name: string, pin: string): Promise<void> {
  requireCacheName(name)
  requireToken(context, 'Removing a pin')
  await new PinCalls(context.client, name).remove(pin)
  context.stdout.write(`Removed pin ${pin} of ${name}. What it kept stays until it is collected.\n`)
}
