import type { BinaryCache } from '@cachix/api'
import type { Context } from '../context.ts'
import { findNixInstallation } from '../nix/nix-installation.ts'
import { currentUser } from '../nix/trust.ts'
import { askForCache } from '../use/ask-for-cache.ts'
import type { Destination } from '../use/choose-target.ts'
import { chooseTarget, isHeeded } from '../use/choose-target.ts'
import { configureNixConf } from '../use/configure-nix-conf.ts'
import { configureNixos } from '../use/configure-nixos.ts'
import { explainDistrust } from '../use/explain-distrust.ts'
import { renderSettings } from '../use/print-settings.ts'
import { requireCacheName } from './require-cache-name.ts'

interface UseOptions extends Destination {
  readonly name: string
  readonly print?: true | undefined
}

/** `cachix use NAME`. */
export async function useCache(context: Context, options: UseOptions): Promise<void> {
  requireCacheName(options.name)
  const cache = await askForCache(context, options.name)
  warnOfMissingKey(context, cache)
  tellOfUpstreams(context, cache)
  if (options.print) {
    context.stdout.write(renderSettings(cache))
    return
  }
  const installation = await findNixInstallation(context.environment)
  const user = await currentUser()
  const target = await chooseTarget(options, installation, { user, cache })
  if (target.kind === 'nixos') {
    await configureNixos(context, target.folder, { cache, installation })
    return
  }
  await configureNixConf(context, { target, installation, cache })
  // Somebody who asked for --mode user-nixconf gets it, and is told when it is in vain.
  if (target.kind === 'user' && !(await isHeeded(installation, { user, cache }))) {
    context.stderr.write(`Warning: ${explainDistrust(installation, cache, user)}\n`)
  }
}

function warnOfMissingKey({ stderr }: Context, { name, publicSigningKeys }: BinaryCache): void {
  if (publicSigningKeys.length > 0) return
  stderr.write(
    `Warning: ${name} has no signing key yet, so Nix will refuse what is in it. Run \`cachix use ${name}\` again when it has one.\n`,
  )
}

/** Whom else to trust is for the user to decide. Nix uses cache.nixos.org anyway. */
function tellOfUpstreams({ stderr }: Context, { name, upstreams = [] }: BinaryCache): void {
  for (const { url, publicKeys } of upstreams) {
    if (url === nixosCache) continue
    stderr.write(
      [
        `Note: what ${name} has may need paths that only ${url} has. To use that too, add to nix.conf:`,
        `  extra-substituters = ${url}`,
        `  extra-trusted-public-keys = ${publicKeys.join(' ')}`,
        '',
      ].join('\n'),
    )
  }
}

const nixosCache = 'https://cache.nixos.org'
