// The text of a nix.conf, read and changed as Nix's own reader sees it (libutil/config.cc): a line is `name = value…`
// or `include file`, `#` starts a comment anywhere, words are split at blanks. A change leaves every other byte alone.

/** The settings `cachix` reads or changes, by the name Nix gives them today. */
export type SettingName =
  | 'substituters'
  | 'trusted-substituters'
  | 'trusted-public-keys'
  | 'trusted-users'
  | 'netrc-file'

export interface Setting {
  /** Without `extra-`; old names are replaced by today's. */
  readonly name: string
  /** Written with `extra-`: adds to what came before, instead of replacing it. */
  readonly adds: boolean
  readonly values: readonly string[]
}

export interface Include {
  readonly include: string
}

/** Whether an include line, by its file as written, leads to a line that replaces the setting. */
type Replaces = (include: string) => boolean

const aliases: ReadonlyMap<string, string> = new Map([
  ['binary-caches', 'substituters'],
  ['trusted-binary-caches', 'trusted-substituters'],
  ['binary-cache-public-keys', 'trusted-public-keys'],
])

const extra = 'extra-'

/** What the lines say, in order. Lines that say nothing are left out. */
export function parseNixConf(text: string): readonly (Setting | Include)[] {
  return text.split('\n').flatMap((line) => parseLine(line) ?? [])
}

/** What a setting comes to after all these lines; undefined where Nix's default is untouched. `extra-` lines alone: only what they add. */
export function effectiveValues(
  settings: readonly Setting[],
  name: SettingName,
): readonly string[] | undefined {
  const own = settings.filter((setting) => setting.name === name)
  if (own.length === 0) return undefined
  const start = Math.max(
    own.findLastIndex((setting) => !setting.adds),
    0,
  )
  return own.slice(start).flatMap((setting) => setting.values)
}

interface Addition {
  readonly name: SettingName
  readonly value: string
  readonly replaces?: Replaces
}

/**
 * Makes a value part of a list setting: into an `extra-` line that counts where there is one, else in a new line at
 * the end, which no line of the file comes after. Does nothing where the value is already there and counts.
 */
export function addToList(text: string, { name, value, replaces = () => false }: Addition): string {
  const lines = text.split('\n')
  const counting = countingLines(lines, name, replaces)
  if (counting.some(({ setting }) => setting.values.some((other) => isSame(other, value)))) return text
  const home = counting.findLast(({ setting }) => setting.adds && setting.values.length > 0)
  if (home === undefined) return appendLine(lines, `${extra}${name} = ${value}`)
  lines[home.index] = appendValue(lines[home.index] ?? '', value)
  return lines.join('\n')
}

/**
 * Takes values out of a list setting wherever they stand. An `extra-` line that held nothing else goes as a whole,
 * but for its comment; any other line stays, because an empty list is not the same as none.
 */
export function removeFromList(text: string, name: SettingName, matches: (value: string) => boolean): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const setting = settingOf(line, name)
      return setting?.values.some(matches) === true ? removeValues(line, setting, matches) : [line]
    })
    .join('\n')
}

/** Sets a setting that is no list, in a new line at the end. */
export function appendSetting(text: string, name: SettingName, value: string): string {
  return appendLine(text.split('\n'), `${name} = ${value}`)
}

/** Takes out the lines that give a setting exactly this value. */
export function removeSetting(text: string, name: SettingName, value: string): string {
  return text
    .split('\n')
    .filter((line) => settingOf(line, name)?.values.join(' ') !== value)
    .join('\n')
}

function parseLine(line: string): Setting | Include | undefined {
  const [name = '', second, ...values] = words(contentOf(line))
  if (second === undefined) return undefined
  if (name === 'include' || name === '!include') return { include: second }
  if (second !== '=') return undefined
  const adds = name.startsWith(extra)
  const bare = adds ? name.slice(extra.length) : name
  return { name: aliases.get(bare) ?? bare, adds, values }
}

function settingOf(line: string, name: SettingName): Setting | undefined {
  const parsed = parseLine(line)
  return parsed && 'name' in parsed && parsed.name === name ? parsed : undefined
}

/** The lines of a setting that no later line replaces. */
function countingLines(
  lines: readonly string[],
  name: SettingName,
  replaces: Replaces,
): readonly { index: number; setting: Setting }[] {
  const counting: { index: number; setting: Setting }[] = []
  for (const [index, line] of lines.entries()) {
    const parsed = parseLine(line)
    if (parsed === undefined) continue
    if ('include' in parsed ? replaces(parsed.include) : parsed.name === name && !parsed.adds)
      counting.length = 0
    if ('name' in parsed && parsed.name === name) counting.push({ index, setting: parsed })
  }
  return counting
}

/** Before the trailing newline where there is one; a file without one stays without. */
function appendLine(lines: readonly string[], line: string): string {
  if (lines.at(-1) !== '') return [...lines, line].join('\n')
  const ending = lines[0]?.endsWith('\r') === true ? '\r' : ''
  return [...lines.slice(0, -1), line + ending, ''].join('\n')
}

function appendValue(line: string, value: string): string {
  const content = contentOf(line).trimEnd()
  return `${content} ${value}${line.slice(content.length)}`
}

function removeValues(
  line: string,
  setting: Setting,
  matches: (value: string) => boolean,
): readonly string[] {
  const content = contentOf(line)
  const comment = line.slice(content.length)
  if (setting.adds && setting.values.every(matches)) return comment === '' ? [] : [comment]
  const equals = content.indexOf('=') + 1
  const kept = content
    .slice(equals)
    .replaceAll(/[ \t\r]+([^ \t\r]+)/g, (whole, value: string) => (matches(value) ? '' : whole))
  return [content.slice(0, equals) + kept + comment]
}

function contentOf(line: string): string {
  const comment = line.indexOf('#')
  return comment === -1 ? line : line.slice(0, comment)
}

function words(text: string): readonly string[] {
  return text.split(/[ \t\r]+/).filter((word) => word !== '')
}

/** Nix takes a store's address with and without a slash at the end for the same. */
function isSame(one: string, other: string): boolean {
  return one.replace(/\/+$/, '') === other.replace(/\/+$/, '')
}
