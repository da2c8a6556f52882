import type { Context } from '../context.ts'
import { loadNixConf } from '../nix/load-nix-conf.ts'
import type { NixInstallation } from '../nix/nix-installation.ts'
import type { Setting } from '../nix/nix-conf.ts'
import { parseNixConf, removeSetting } from '../nix/nix-conf.ts'
import { findNetrc, netrcBeside } from './netrc-place.ts'
import type { Traces } from './nix-conf-edit.ts'
import { removeCache } from './nix-conf-edit.ts'
import { removeCredentials } from './remove-credentials.ts'
import { requireEditable, writeNixConf } from './write-nix-conf.ts'

interface Removal {
  readonly path: string
  readonly installation: NixInstallation
  readonly traces: Traces
}

/** Takes a cache out of a nix.conf and of the netrc file that goes with it. Returns whether it was there. */
export async function removeFromNixConf(
  context: Context,
  { path, installation, traces }: Removal,
): Promise<boolean> {
  const conf = await loadNixConf(path)
  const text = removeCache(conf.text, traces)
  if (text === conf.text) return false
  await requireEditable(path, installation.storeDir)
  const isSystem = [installation.systemConf.path, installation.systemTarget].includes(path)
  const netrc = findNetrc(isSystem ? installation.systemConf : conf, isSystem).path
  const unused = hostsOf(conf.text).difference(hostsOf(text))
  const isNetrcGone = await removeCredentials(netrc, unused, netrc === netrcBeside(path))
  const finished = isNetrcGone ? removeSetting(text, 'netrc-file', netrc) : text
  await writeNixConf(path, finished, installation.storeDir)
  context.stdout.write(`Removed ${traces.uris[0] ?? 'the'} binary cache from ${path}\n`)
  return true
}

/** The hosts of all substituters in a nix.conf. */
function hostsOf(text: string): Set<string> {
  const lines = parseNixConf(text).filter(
    (line): line is Setting => 'name' in line && line.name === 'substituters',
  )
  return new Set(lines.flatMap((line) => line.values).flatMap((uri) => hostOf(uri) ?? []))
}

function hostOf(uri: string): string | undefined {
  return URL.canParse(uri) ? new URL(uri).hostname : undefined
}
