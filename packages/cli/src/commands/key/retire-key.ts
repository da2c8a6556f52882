import type { Context } from '../../context.ts'
import { KeyCalls } from '../../service/key-calls.ts'
import { requireCacheName } from '../require-cache-name.ts'
import { requireToken } from '../require-token.ts'

interface Retirement {
  readonly name: string
  /** Its name, or `name:base64`. */
  readonly key: string
  readonly force: boolean
}

/** `cachix key retire NAME KEY`. */
export async function retireKey(context: Context, { name, key, force }: Retirement): Promise<void> {
  requireCacheName(name)
  requireToken(context, 'Retiring a key')
  const [keyName = key] = key.split(':')
  await new KeyCalls(context.client, name).retire({ name: keyName, force })
  context.stdout.write(
    [
      `Retired ${keyName}: nothing new is accepted with it, and \`cachix use ${name}\` no longer trusts it.`,
      `Signatures it has made stay. \`cachix key add ${name} --public-key KEY\` takes it back.`,
      '',
    ].join('\n'),
  )
}
