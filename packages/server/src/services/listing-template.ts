// A listing names store paths where a NAR has symlinks to them. Rebuilt, it names others and is else the same, so the
// store hashes are taken out of the text: `/nix/store/<32 characters>-zlib` becomes `/nix/store/␀0;-zlib`, where 0 says
// that it is the first of the hashes taken out. JSON never has the character NUL in it.

interface BlankedListing {
  readonly template: string
  readonly hashes: readonly string[]
}

const storeHash = /[0-9a-df-np-sv-z]{32}/g
const nul = '\0'
const mark = new RegExp(`${nul}(\\d+);`, 'g')

/** Takes out those of `storeHashes` that are in the text; `fillListing` puts them back. */
export function blankListing(text: string, storeHashes: ReadonlySet<string>): BlankedListing {
  const numbers = new Map<string, number>()
  const template = text.replace(storeHash, (hash) => {
    if (!storeHashes.has(hash)) return hash
    const number = numbers.get(hash) ?? numbers.size
    numbers.set(hash, number)
    return `${nul}${number};`
  })
  return { template, hashes: [...numbers.keys()] }
}

/** The listing with the store hashes put back into it. */
export function fillListing({ template, hashes }: BlankedListing): string {
  return template.replace(mark, (_mark, number: string) => hashes[Number(number)] ?? '')
}
