import { CliError } from '../../cli-error.ts'
import type { Context } from '../../context.ts'
import { KeyCalls } from '../../service/key-calls.ts'
import { registerKey } from '../register-key.ts'
import { requireCacheName } from '../require-cache-name.ts'
import { requireToken } from '../require-token.ts'

interface AddKeyChoices {
  /** Somebody else's, whose secret half stays with them. */
  readonly publicKey?: string | undefined
  /** The service makes and keeps the key. */
  readonly managed?: boolean | undefined
}

/** `cachix key add NAME`. */
export async function addKey(context: Context, name: string, choices: AddKeyChoices): Promise<void> {
  requireCacheName(name)
  requireToken(context, 'Adding a key')
  if (choices.managed === true && choices.publicKey !== undefined) {
    throw new CliError('usage', 'Give a public key or let the service make one, not both.')
  }
  const { text, note } = await register(context, name, choices)
  context.stdout.write(
    [
      `Added ${text}`,
      ...note,
      '',
      'What is pushed from now on is signed with it too. To let it take the place of an older key:',
      `  cachix key sign ${name}          # sign with it what is there already`,
      `  cachix use ${name}               # wherever it is used, to trust the new key`,
      `  cachix key retire ${name} KEY    # when everybody does`,
      '',
    ].join('\n'),
  )
}

async function register(
  context: Context,
  name: string,
  { publicKey, managed }: AddKeyChoices,
): Promise<{ readonly text: string; readonly note: readonly string[] }> {
  const calls = new KeyCalls(context.client, name)
  if (managed === true) return { text: await calls.add({ isManaged: true }), note: ['The service keeps it.'] }
  if (publicKey !== undefined) return { text: await calls.add({ publicKey }), note: [] }
  let text = ''
  await registerKey(context, name, async (publicKey) => {
    text = await calls.add({ publicKey })
  })
  return { text, note: [`Its secret half is in ${context.configPath}. Nobody else has it: keep a copy.`] }
}
