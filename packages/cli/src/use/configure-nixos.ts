import { join } from 'node:path'
import type { BinaryCache } from '@cachix/api'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import type { NixInstallation } from '../nix/nix-installation.ts'
import { cachixModule, renderNixosModule } from '../nix/nixos-module.ts'
import { findNetrc } from './netrc-place.ts'
import { storeCredentials } from './store-credentials.ts'

/** Writes the NixOS modules that add a cache. */
export async function configureNixos(
  context: Context,
  folder: string,
  { cache, installation }: { readonly cache: BinaryCache; readonly installation: NixInstallation },
): Promise<void> {
  const module = nixosModulePath(folder, cache.name)
  await writeModule(module, renderNixosModule(cache))
  await writeModule(join(folder, 'cachix.nix'), cachixModule)
  if (!cache.isPublic) {
    const { path } = findNetrc(installation.systemConf, true)
    await storeCredentials(context, cache, { path, isSystem: true })
  }
  context.stdout.write(
    [
      `Configured ${cache.uri} binary cache in ${module}`,
      ...(await importHint(folder)),
      'To take it into use, run: nixos-rebuild switch',
      '',
    ].join('\n'),
  )
}

/** The NixOS module of one cache, which `cachix remove` deletes. */
export function nixosModulePath(folder: string, cacheName: string): string {
  return join(folder, 'cachix', `${cacheName}.nix`)
}

async function writeModule(path: string, text: string): Promise<void> {
  try {
    if ((await readTextFile(path)) !== text) await replaceFile(path, text)
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    throw new CliError(
      'file',
      `${error.message} Run as root, or write the modules elsewhere with --nixos-folder DIR.`,
      { cause: error },
    )
  }
}

async function importHint(folder: string): Promise<readonly string[]> {
  const configuration = await readTextFile(join(folder, 'configuration.nix'))
  if (configuration?.includes('./cachix.nix') === true) return []
  return [`Add this to ${join(folder, 'configuration.nix')}, once:`, '', '  imports = [ ./cachix.nix ];', '']
}
