import { dirname, join } from 'node:path'
import type { LoadedNixConf } from '../nix/load-nix-conf.ts'
import { effectiveValues } from '../nix/nix-conf.ts'

/** The netrc file that goes with a nix.conf. */
export interface NetrcPlace {
  readonly path: string
  /** Nix looks there only if this nix.conf says so, and it does not yet. */
  readonly needsSetting: boolean
}

/** The file nix.conf names, else the one beside it. Beside the system's nix.conf Nix looks by itself. */
export function findNetrc(conf: LoadedNixConf, isSystem: boolean): NetrcPlace {
  const configured = effectiveValues(conf.settings, 'netrc-file')?.join(' ')
  if (configured !== undefined && configured !== '') return { path: configured, needsSetting: false }
  return { path: netrcBeside(conf.path), needsSetting: !isSystem }
}

/** Where Nix looks when nix.conf names no netrc. */
export function netrcBeside(confPath: string): string {
  return join(dirname(confPath), 'netrc')
}
