/**
 * Whether a claim is what a rule wants: `*` stands for any characters but `/` and `:`, which separate the parts that issuers
 * put claims together from, and `**` for any characters; everything else for itself. Takes time proportional to the
 * product of the lengths, whatever the pattern.
 */
export function matchesPattern(pattern: string, value: string): boolean {
  const tokens = pattern.match(/\*\*+|[\s\S]/g) ?? []
  let reached = closure(new Set([0]), tokens)
  for (const character of value.split('')) {
    const next = new Set<number>()
    for (const position of reached) {
      const token = tokens[position]
      if (standsFor(token, character)) next.add(position)
      else if (token === character) next.add(position + 1)
    }
    reached = closure(next, tokens)
  }
  return reached.has(tokens.length)
}

const separators: ReadonlySet<string> = new Set(['/', ':'])

/** Whether a wildcard may stand for the character, and for more. */
function standsFor(token: string | undefined, character: string): boolean {
  return isWildcard(token) && (token !== '*' || !separators.has(character))
}

/** A wildcard may stand for nothing. */
function closure(positions: Set<number>, tokens: readonly string[]): Set<number> {
  for (const position of positions) if (isWildcard(tokens[position])) positions.add(position + 1)
  return positions
}

function isWildcard(token: string | undefined): boolean {
  return token?.startsWith('*') === true
}
