import type { Context } from '../context.ts'
import { registerKey } from './register-key.ts'
import { requireCacheName } from './require-cache-name.ts'
import { requireToken } from './require-token.ts'

interface CreateChoices {
  readonly isPublic: boolean
  /** The service makes and keeps the signing key. */
  readonly managedKey: boolean
}

/** `cachix create NAME`. */
export async function createCache(context: Context, name: string, choices: CreateChoices): Promise<void> {
  requireCacheName(name)
  requireToken(context, 'Creating a cache')
  await (choices.managedKey
    ? createManaged(context, name, choices)
    : createSelfSigned(context, name, choices))
  const { uri } = await context.client.getCache(name)
  context.stdout.write(
    [
      `Created ${choices.isPublic ? 'public' : 'private'} cache ${name}: ${uri}`,
      ...keyNote(context, choices),
      '',
      'Next, push what you build:',
      `  nix-build | cachix push ${name}`,
      'and, wherever Nix should fetch from it:',
      `  cachix use ${name}`,
      '',
    ].join('\n'),
  )
}

async function createManaged({ client }: Context, name: string, { isPublic }: CreateChoices): Promise<void> {
  await client.createCache(name, { isPublic, generateSigningKey: true })
}

async function createSelfSigned(context: Context, name: string, { isPublic }: CreateChoices): Promise<void> {
  await registerKey(context, name, (publicSigningKey) =>
    context.client.createCache(name, { isPublic, generateSigningKey: false, publicSigningKey }),
  )
}

function keyNote({ configPath, environment }: Context, { managedKey }: CreateChoices): readonly string[] {
  if (managedKey) return ['The service keeps its signing key: a token is enough to push.']
  const saved = `Its signing key is in ${configPath}. Nobody else has it: keep a copy.`
  if ((environment['CACHIX_SIGNING_KEY'] ?? '') === '') return [saved]
  return [saved, 'Note: CACHIX_SIGNING_KEY is set, and `cachix push` would use that instead: unset it.']
}
