import type { BinaryCache } from '@cachix/api'
import type { Context } from '../context.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { loadNixConf } from '../nix/load-nix-conf.ts'
import { appendSetting } from '../nix/nix-conf.ts'
import type { NixInstallation } from '../nix/nix-installation.ts'
import type { Target } from './choose-target.ts'
import type { NetrcPlace } from './netrc-place.ts'
import { findNetrc } from './netrc-place.ts'
import { addCache, isInUse } from './nix-conf-edit.ts'
import { storeCredentials } from './store-credentials.ts'
import { requireEditable, writeNixConf } from './write-nix-conf.ts'

interface Configuration {
  readonly target: Target & { readonly path: string }
  readonly installation: NixInstallation
  readonly cache: BinaryCache
}

/** Adds a cache to a nix.conf, and its token to the netrc file that goes with it. A second time changes nothing. */
export async function configureNixConf(context: Context, configuration: Configuration): Promise<void> {
  const { target, installation, cache } = configuration
  const { before, after, netrc } = await planChange(configuration)
  if (after !== before) await requireEditable(target.path, installation.storeDir)
  // Credentials first: Nix must not meet the cache without them.
  const isSystem = target.kind === 'system'
  if (netrc) await storeCredentials(context, cache, { path: netrc.path, isSystem })
  if (netrc && target.kind === 'user') await noteHiddenNetrc(context, installation, netrc.path)
  if (after === before) {
    context.stdout.write(`${cache.uri} is configured already: nothing to change in ${target.path}\n`)
    return
  }
  await writeNixConf(target.path, after, installation.storeDir)
  context.stdout.write(`Configured ${cache.uri} binary cache in ${target.path}\n`)
  if (isSystem) await noteSystem(context, configuration)
}

interface Change {
  readonly before: string
  readonly after: string
  /** Where the token goes; undefined for a public cache. */
  readonly netrc: NetrcPlace | undefined
}

async function planChange({ target, installation, cache }: Configuration): Promise<Change> {
  const conf = await loadNixConf(target.path)
  const isSystem = target.kind === 'system'
  const text = addCache(conf, cache, target.kind === 'directory' ? [] : installation.systemConf.settings)
  if (cache.isPublic) return { before: conf.text, after: text, netrc: undefined }
  const netrc = findNetrc(isSystem ? installation.systemConf : conf, isSystem)
  const after = netrc.needsSetting ? appendSetting(text, 'netrc-file', netrc.path) : text
  return { before: conf.text, after, netrc }
}

async function noteSystem(context: Context, { installation, cache, target }: Configuration): Promise<void> {
  const { systemConf, restartCommand } = installation
  const { settings } = await loadNixConf(systemConf.path)
  if (!isInUse(settings, cache)) {
    context.stderr.write(
      `Warning: it has no effect yet: ${systemConf.path} does not include ${target.path}, or replaces its substituters.\n`,
    )
  }
  if (restartCommand !== undefined) {
    context.stdout.write(`The Nix daemon reads it when it starts: ${restartCommand}\n`)
  }
}

/** Nix reads one netrc file, not several. */
async function noteHiddenNetrc(
  { stderr }: Context,
  { systemConf }: NixInstallation,
  netrcPath: string,
): Promise<void> {
  const hidden = findNetrc(systemConf, true).path
  if (hidden === netrcPath || (await isAbsent(hidden))) return
  stderr.write(`Note: for you Nix now reads ${netrcPath} instead of ${hidden}: copy what you need of it.\n`)
}

async function isAbsent(path: string): Promise<boolean> {
  try {
    return (await readTextFile(path)) === undefined
  } catch {
    return false
  }
}
