import type { Context } from '../context.ts'
import { registerKey } from './register-key.ts'
import { requireCacheName } from './require-cache-name.ts'
import { requireToken } from './require-token.ts'

/** `cachix generate-keypair NAME`: prints the secret key, which is what it is run for. */
export async function generateKeypair(context: Context, name: string): Promise<void> {
  requireCacheName(name)
  requireToken(context, 'Giving a cache a signing key')
  const { secretKey } = await registerKey(context, name, (publicKey) =>
    context.client.addKey(name, publicKey),
  )
  context.stdout.write(
    [
      `The signing key of ${name} is saved in ${context.configPath}. To push from elsewhere, set there:`,
      '',
      `  export CACHIX_SIGNING_KEY=${secretKey}`,
      '',
      'Keep it secret, and keep a copy: nobody else has it. Push with:',
      '',
      `  nix-build | cachix push ${name}`,
      '',
    ].join('\n'),
  )
}
