import type { BinaryCache } from '@cachix/api'
import type { LoadedNixConf } from '../nix/load-nix-conf.ts'
import { includeReplaces } from '../nix/load-nix-conf.ts'
import type { Setting, SettingName } from '../nix/nix-conf.ts'
import { addToList, effectiveValues, removeFromList } from '../nix/nix-conf.ts'

/** How to know a cache's lines again. */
export interface Traces {
  readonly uris: readonly string[]
  readonly isKey: (key: string) => boolean
}

/**
 * The text of a nix.conf with a cache in it. What already takes effect, here or in `inherited` (the settings read
 * before this file), is not written again.
 */
export function addCache(conf: LoadedNixConf, cache: BinaryCache, inherited: readonly Setting[]): string {
  const settings = [...inherited, ...conf.settings]
  const add = (text: string, name: SettingName, value: string): string =>
    isEffective(settings, name, value)
      ? text
      : addToList(text, { name, value, replaces: (include) => includeReplaces(conf, include, name) })
  const text = dropReplacedKeys(conf.text, cache)
  return cache.publicSigningKeys.reduce(
    (text, key) => add(text, 'trusted-public-keys', key),
    add(text, 'substituters', cache.uri),
  )
}

/** The text of a nix.conf with a cache taken out of every list `cachix` or its advice puts it into. */
export function removeCache(text: string, { uris, isKey }: Traces): string {
  const isUri = (value: string): boolean => uris.includes(value.replace(/\/+$/, ''))
  const withoutUris = removeFromList(text, 'substituters', isUri)
  return removeFromList(
    removeFromList(withoutUris, 'trusted-substituters', isUri),
    'trusted-public-keys',
    isKey,
  )
}

/** Whether Nix, with these settings, asks the cache. */
export function isInUse(settings: readonly Setting[], { uri }: BinaryCache): boolean {
  return isEffective(settings, 'substituters', uri)
}

/**
 * Of two keys with one name Nix heeds the first only, so a key the cache no longer has must not stay before its new one. And
 * a key of the cache that is not offered any more was retired: whoever got hold of it must not be trusted.
 */
function dropReplacedKeys(text: string, { name, publicSigningKeys }: BinaryCache): string {
  const names = new Set(publicSigningKeys.map(keyName))
  const families = new Set([...names].filter((each) => each.startsWith(`${name}.`)).map(withoutNumber))
  return removeFromList(text, 'trusted-public-keys', (key) => {
    const isOurs = names.has(keyName(key)) || families.has(withoutNumber(keyName(key)))
    return isOurs && !publicSigningKeys.includes(key)
  })
}

/** `mycache.example.org` of `mycache.example.org-2`. */
function withoutNumber(name: string): string {
  return name.replace(/-\d+$/, '')
}

function keyName(key: string): string {
  return key.slice(0, key.indexOf(':'))
}

function isEffective(settings: readonly Setting[], name: SettingName, value: string): boolean {
  const values = effectiveValues(settings, name) ?? []
  return values.some((other) => other.replace(/\/+$/, '') === value)
}
