import { rm } from 'node:fs/promises'
import type { Context } from '../context.ts'
import { readTextFile } from '../files/read-text-file.ts'
import type { NixInstallation } from '../nix/nix-installation.ts'
import { findNixInstallation } from '../nix/nix-installation.ts'
import type { Destination, Target } from '../use/choose-target.ts'
import { namedTarget } from '../use/choose-target.ts'
import { nixosModulePath } from '../use/configure-nixos.ts'
import { findTraces } from '../use/find-traces.ts'
import { findNetrc } from '../use/netrc-place.ts'
import type { Traces } from '../use/nix-conf-edit.ts'
import { removeCredentials } from '../use/remove-credentials.ts'
import { removeFromNixConf } from '../use/remove-from-nix-conf.ts'
import { requireCacheName } from './require-cache-name.ts'

interface RemoveOptions extends Destination {
  readonly name: string
}

/** `cachix remove NAME`: undoes `cachix use NAME` wherever it was done, or where the options say. */
export async function removeCache(context: Context, options: RemoveOptions): Promise<void> {
  const { name } = options
  requireCacheName(name)
  const traces = await findTraces(context, name)
  const installation = await findNixInstallation(context.environment)
  let found = false
  for (const target of targetsOf(options, installation)) {
    const isRemoved =
      target.kind === 'nixos'
        ? await removeFromNixos(context, nixosModulePath(target.folder, name), { installation, traces })
        : await removeFromNixConf(context, { path: target.path, installation, traces })
    found ||= isRemoved
  }
  if (!found) context.stdout.write(`No binary cache ${name} found in Nix's settings.\n`)
}

function targetsOf(options: RemoveOptions, installation: NixInstallation): readonly Target[] {
  const named = namedTarget(options, installation)
  if (named) return [named]
  const { userConf, systemTarget, systemConf } = installation
  const paths = new Set([userConf, systemTarget, systemConf.path])
  return [
    ...[...paths].map((path) => ({ kind: 'directory' as const, path })),
    { kind: 'nixos', folder: options.nixosFolder },
  ]
}

async function removeFromNixos(
  { stdout }: Context,
  module: string,
  { installation, traces }: { readonly installation: NixInstallation; readonly traces: Traces },
): Promise<boolean> {
  const text = await readTextFile(module)
  if (text === undefined) return false
  await rm(module)
  const hosts = traces.uris.filter((uri) => text.includes(uri)).map((uri) => new URL(uri).hostname)
  await removeCredentials(findNetrc(installation.systemConf, true).path, hosts, false)
  stdout.write(`Removed ${module}\nTo take it out of use, run: nixos-rebuild switch\n`)
  return true
}
