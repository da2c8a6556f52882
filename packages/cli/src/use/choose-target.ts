import { join, resolve } from 'node:path'
import type { BinaryCache } from '@cachix/api'
import { CliError } from '../cli-error.ts'
import type { NixInstallation } from '../nix/nix-installation.ts'
import type { Setting } from '../nix/nix-conf.ts'
import { effectiveValues } from '../nix/nix-conf.ts'
import type { User } from '../nix/trust.ts'
import { isTrusted, ownsStore } from '../nix/trust.ts'
import { explainDistrust } from './explain-distrust.ts'

type Mode = 'user-nixconf' | 'root-nixconf' | 'nixos'

export interface Destination {
  readonly mode?: Mode | undefined
  readonly outputDirectory?: string | undefined
  readonly nixosFolder: string
}

/** What `cachix use` writes to. */
export type Target =
  | { readonly kind: 'user' | 'system' | 'directory'; readonly path: string }
  | { readonly kind: 'nixos'; readonly folder: string }

/** The target the user named; undefined where none was. */
export function namedTarget(destination: Destination, installation: NixInstallation): Target | undefined {
  if (destination.outputDirectory !== undefined) {
    return { kind: 'directory', path: join(resolve(destination.outputDirectory), 'nix.conf') }
  }
  if (destination.mode === 'user-nixconf') return userTarget(installation)
  if (destination.mode === 'root-nixconf') return systemTarget(installation)
  return destination.mode === 'nixos' ? nixosTarget(destination) : undefined
}

interface Asker {
  readonly user: User
  readonly cache: BinaryCache
}

/** The target that suits this machine and user. Throws CliError where Nix would not heed anything this user may write. */
export async function chooseTarget(
  destination: Destination,
  installation: NixInstallation,
  asker: Asker,
): Promise<Target> {
  const named = namedTarget(destination, installation)
  if (named) return named
  if (asker.user.isRoot) return installation.isNixos ? nixosTarget(destination) : systemTarget(installation)
  if (await isHeeded(installation, asker)) return userTarget(installation)
  throw new CliError('nix', `Nothing was changed: ${explainDistrust(installation, asker.cache, asker.user)}`)
}

/** Whether Nix heeds a cache that this user adds to their own settings. */
export async function isHeeded(installation: NixInstallation, { user, cache }: Asker): Promise<boolean> {
  const { settings } = installation.systemConf
  if (isTrusted(user, effectiveValues(settings, 'trusted-users') ?? [])) return true
  return isAllowed(settings, cache) || (await ownsStore(installation.storeDir))
}

/** Whether the system lets everybody use this one cache. */
function isAllowed(settings: readonly Setting[], { uri, publicSigningKeys }: BinaryCache): boolean {
  const uris = (['trusted-substituters', 'substituters'] as const).flatMap(
    (name) => effectiveValues(settings, name) ?? [],
  )
  const keys = effectiveValues(settings, 'trusted-public-keys') ?? []
  return (
    uris.some((allowed) => allowed.replace(/\/$/, '') === uri) &&
    publicSigningKeys.some((key) => keys.includes(key))
  )
}

function userTarget({ userConf }: NixInstallation): Target {
  return { kind: 'user', path: userConf }
}

function systemTarget(installation: NixInstallation): Target {
  return { kind: 'system', path: installation.systemTarget }
}

function nixosTarget({ nixosFolder }: Destination): Target {
  return { kind: 'nixos', folder: resolve(nixosFolder) }
}
