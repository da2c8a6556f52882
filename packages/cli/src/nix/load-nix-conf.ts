import { dirname, resolve } from 'node:path'
import { readTextFile } from '../files/read-text-file.ts'
import type { Setting, SettingName } from './nix-conf.ts'
import { parseNixConf } from './nix-conf.ts'

/** A nix.conf with the files it includes. */
export interface LoadedNixConf {
  readonly path: string
  /** Empty where there is no file. */
  readonly text: string
  /** Its lines and those of the files it includes, in the order in which they take effect. */
  readonly settings: readonly Setting[]
  /** By their paths as written. */
  readonly includes: ReadonlyMap<string, LoadedNixConf>
}

/** Reads a nix.conf and what it includes. As in Nix, what cannot be read counts as empty; a file that includes itself is read once. */
export async function loadNixConf(path: string, ancestors: readonly string[] = []): Promise<LoadedNixConf> {
  const text = (await readTextFile(path)) ?? ''
  const settings: Setting[] = []
  const includes = new Map<string, LoadedNixConf>()
  for (const line of parseNixConf(text)) {
    if ('name' in line) {
      settings.push(line)
      continue
    }
    const included = resolve(dirname(path), line.include)
    if ([path, ...ancestors].includes(included)) continue
    const loaded = await loadNixConf(included, [path, ...ancestors])
    includes.set(line.include, loaded)
    settings.push(...loaded.settings)
  }
  return { path, text, settings, includes }
}

/** Whether a line that includes this file replaces a setting, rather than adding to it. */
export function includeReplaces(conf: LoadedNixConf, include: string, name: SettingName): boolean {
  return (
    conf.includes.get(include)?.settings.some((setting) => setting.name === name && !setting.adds) === true
  )
}
