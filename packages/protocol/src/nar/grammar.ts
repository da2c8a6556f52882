// The grammar of a NAR, as the places a reader can be at. A NAR is a sequence of strings, each a length, that many bytes
// and zero bytes up to a multiple of 8:
//
//   nar  = "nix-archive-1" node
//   node = "(" "type" ( "regular" ["executable" ""] "contents" <bytes>
//                     | "symlink" "target" <target>
//                     | "directory" { "entry" "(" "name" <name> "node" node ")" } ) ")"

/** Places before a fixed word, before bytes of any value, and `end`, where nothing may follow. */
export type Place = WordPlace | BytesPlace | 'end'
type WordPlace =
  | ('magic' | 'open' | 'type' | 'kind' | 'close')
  | ('file' | 'executable' | 'executableFile' | 'link')
  | ('entries' | 'entry' | 'entryName' | 'entryNode' | 'closeEntry')
type BytesPlace = 'contents' | 'executableContents' | 'target' | 'name'

/** Where a word leads: to a place, or to the beginning or end of something, after which the place depends on where it is. */
export type Step = Place | 'node' | 'directory' | 'leaveDirectory' | 'leaveNode'

/** No word is longer; longer ones are refused unread. */
export const maxWordBytes = 32

/** The words that may stand at a place, and where each leads. */
export function wordsAt(place: Place): ReadonlyMap<string, Step> {
  return grammar.get(place) ?? nothing
}

const nothing: ReadonlyMap<string, Step> = new Map()

const grammar: ReadonlyMap<Place, ReadonlyMap<string, Step>> = new Map([
  at('magic', ['nix-archive-1', 'node']),
  at('open', ['(', 'type']),
  at('type', ['type', 'kind']),
  at('kind', ['regular', 'file'], ['symlink', 'link'], ['directory', 'directory']),
  at('file', ['contents', 'contents'], ['executable', 'executable']),
  at('executable', ['', 'executableFile']),
  at('executableFile', ['contents', 'executableContents']),
  at('link', ['target', 'target']),
  at('entries', ['entry', 'entry'], [')', 'leaveDirectory']),
  at('entry', ['(', 'entryName']),
  at('entryName', ['name', 'name']),
  at('entryNode', ['node', 'node']),
  at('closeEntry', [')', 'entries']),
  at('close', [')', 'leaveNode']),
])

function at(place: WordPlace, ...words: [word: string, Step][]): [Place, ReadonlyMap<string, Step>] {
  return [place, new Map(words)]
}
