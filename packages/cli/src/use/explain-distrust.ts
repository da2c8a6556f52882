import type { BinaryCache } from '@cachix/api'
import type { NixInstallation } from '../nix/nix-installation.ts'
import type { User } from '../nix/trust.ts'

/**
 * Why Nix would not heed this user, and how an administrator can allow this one cache. Not how to become a trusted
 * user: that is as good as being root.
 */
export function explainDistrust(installation: NixInstallation, cache: BinaryCache, { name }: User): string {
  return [
    `Nix on this machine does not let ${name ?? 'this user'} add a cache.`,
    'An administrator can allow this one, for whoever wants it:',
    '',
    ...(installation.isNixos ? nixosLines(cache) : commandLines(installation, cache)),
    '',
    `and then \`cachix use ${cache.name} --mode user-nixconf\` turns it on for you.`,
    ...(cache.isPublic
      ? []
      : ["The cache is private: the administrator also has to put its token into the system's netrc file."]),
    `To use it for everybody instead, the administrator runs \`cachix use ${cache.name}\` as root.`,
  ].join('\n')
}

function commandLines(
  { systemTarget, restartCommand }: NixInstallation,
  cache: BinaryCache,
): readonly string[] {
  const lines = [
    `extra-trusted-substituters = ${cache.uri}`,
    `extra-trusted-public-keys = ${cache.publicSigningKeys.join(' ')}`,
  ]
  return [
    String.raw`  printf '\n%s\n%s\n' ${lines.map((line) => `'${line}'`).join(' ')} | sudo tee -a ${systemTarget}`,
    ...(restartCommand === undefined ? [] : [`  ${restartCommand}`]),
  ]
}

function nixosLines(cache: BinaryCache): readonly string[] {
  return [
    `  nix.settings.trusted-substituters = [ "${cache.uri}" ];`,
    `  nix.settings.trusted-public-keys = [ ${cache.publicSigningKeys.map((key) => `"${key}"`).join(' ')} ];`,
    '',
    'in the NixOS configuration, and nixos-rebuild switch',
  ]
}
