// The netrc format as curl reads it, which is what Nix uses: words split at blanks, `machine HOST` or `default` starts
// an entry, `#` at the start of a line is a comment, `macdef` runs to the next empty line, words may be quoted.

interface Entry {
  /** Undefined for `default` and `macdef`. */
  readonly machine: string | undefined
  readonly isDefault: boolean
  readonly login: string
  readonly password: string
  readonly start: number
  readonly end: number
}

/** Whom to say that one is to a host. Either may be empty. */
export interface NetrcLogin {
  readonly login: string
  readonly password: string
}

export interface NetrcEntry {
  /** A bare host name: curl matches neither ports nor paths. */
  readonly machine: string
  readonly password: string
}

/**
 * Gives a host its entry, instead of what it had, and keeps every other byte. New entries come first, since nothing
 * after `default` counts. A login is always written, because several releases of curl misread entries without one.
 */
export function setNetrcEntry(text: string, { machine, password }: NetrcEntry): string {
  const line = `machine ${machine} login cachix password ${password}`
  const [first, ...others] = entriesOf(text, machine)
  if (first === undefined) return `${line}\n${text}`
  const rest = others.reduceRight(cutEntry, text)
  return rest.slice(0, first.start) + line + rest.slice(first.end)
}

/** What is sent to a host: its first entry, or `default` if that comes before. */
export function findNetrcLogin(text: string, machine: string): NetrcLogin | undefined {
  const found = parseEntries(text).find((entry) => entry.machine === machine || entry.isDefault)
  return found && { login: found.login, password: found.password }
}

/** Whether a host has an entry. */
export function hasNetrcEntry(text: string, machine: string): boolean {
  return entriesOf(text, machine).length > 0
}

/** Takes a host's entries out, with the line they stood on where nothing else is on it. */
export function removeNetrcEntry(text: string, machine: string): string {
  return entriesOf(text, machine).reduceRight(cutEntry, text)
}

/** Whether any entry is left. */
export function isEmptyNetrc(text: string): boolean {
  return text.trim() === ''
}

function entriesOf(text: string, machine: string): readonly Entry[] {
  return parseEntries(text).filter((entry) => entry.machine === machine)
}

function cutEntry(text: string, { start, end }: Entry): string {
  const startsLine = start === 0 || text[start - 1] === '\n'
  const ending = /^[ \t\r]*\n?/.exec(text.slice(end))?.[0] ?? ''
  const isWholeLine = startsLine && (ending.endsWith('\n') || end + ending.length === text.length)
  return text.slice(0, start) + text.slice(isWholeLine ? end + ending.length : end)
}

function parseEntries(text: string): readonly Entry[] {
  const entries: { -readonly [K in keyof Entry]: Entry[K] }[] = []
  let expected: 'machine' | 'login' | 'password' | 'account' | undefined
  for (const word of wordsOf(text)) {
    const current = entries.at(-1)
    if (expected !== undefined && current) {
      if (expected !== 'account') current[expected] = unquote(word.text)
      current.end = word.end
      expected = undefined
    } else if (startsEntry.has(word.text)) {
      entries.push(emptyEntry(word))
      expected = word.text === 'machine' ? 'machine' : undefined
    } else {
      expected = takesValue.find((name) => name === word.text)
    }
  }
  return entries
}

const startsEntry: ReadonlySet<string> = new Set(['machine', 'default', 'macdef'])
const takesValue = ['login', 'password', 'account'] as const

function emptyEntry({ text, start, end }: Word): Entry {
  return { machine: undefined, isDefault: text === 'default', login: '', password: '', start, end }
}

interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** A comment line, a macro with its body, a quoted word, a word. */
const piece = /(?<=^|\n)[ \t]*#[^\n]*|macdef[ \t][\s\S]*?(?:\n[ \t]*\r?(?=\n)|$)|"(?:\\[\s\S]|[^"\\])*"|\S+/g

function* wordsOf(text: string): Generator<Word> {
  for (const match of text.matchAll(piece)) {
    const found = match[0]
    if (found.trimStart().startsWith('#')) continue
    const isMacro = /^macdef[ \t]/.test(found)
    yield { text: isMacro ? 'macdef' : found, start: match.index, end: match.index + found.length }
  }
}

function unquote(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\([\s\S])/g, '$1') : word
}
