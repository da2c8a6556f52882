/** A node of a `HASH.ls`. */
export type ListingNode =
  | { readonly type: 'regular'; readonly size: number; readonly narOffset: number }
  | { readonly type: 'symlink'; readonly target: string }
  | { readonly type: 'directory'; readonly entries: Readonly<Record<string, ListingNode>> }

export type FoundNode =
  | { readonly outcome: 'file'; readonly size: number; readonly narOffset: number }
  /** A sentence on why there is none. */
  | { readonly outcome: 'none'; readonly reason: string }

export interface NodePlace {
  /** Full. */
  readonly storePath: string
  /** Below it, with slashes between names. */
  readonly path: string
}

/** As many as Linux follows. */
const maxLinks = 40

/** The file at a path, links followed as long as they stay within the store path. */
export function findNode(root: ListingNode, { storePath, path }: NodePlace): FoundNode {
  let route: Route | undefined = { at: [], left: namesOf(path) }
  for (let links = 0; links <= maxLinks; links++) {
    route = walk(root, route)
    if (route === undefined) return none(`${path} leads out of ${storePath}.`)
    const node = nodeAt(root, route.at)
    if (node?.type !== 'symlink') return end(node, route)
    route = follow(node.target, route, storePath)
    if (route === undefined) return none(`${path} leads out of ${storePath}, to ${node.target}.`)
  }
  return none(`${path} goes through too many links.`)
}

interface Route {
  /** Names from the root on, none of them of a link or `..`. */
  readonly at: readonly string[]
  readonly left: readonly string[]
}

/** As far as the first link, or what is not there, or to the end. Undefined if it leads above the root. */
function walk(root: ListingNode, route: Route): Route | undefined {
  let { at, left } = route
  while (left.length > 0 && nodeAt(root, at)?.type === 'directory') {
    const [name = '', ...others] = left
    if (name === '..' && at.length === 0) return undefined
    at = name === '..' ? at.slice(0, -1) : [...at, name]
    left = others
  }
  return { at, left }
}

/** Undefined if the link's target is an absolute path out of the store path. */
function follow(target: string, { at, left }: Route, storePath: string): Route | undefined {
  if (!target.startsWith('/')) return { at: at.slice(0, -1), left: [...namesOf(target), ...left] }
  if (target !== storePath && !target.startsWith(`${storePath}/`)) return undefined
  return { at: [], left: [...namesOf(target.slice(storePath.length)), ...left] }
}

function end(node: Exclude<ListingNode, { type: 'symlink' }> | undefined, { at, left }: Route): FoundNode {
  const name = `/${at.join('/')}`
  if (node?.type === 'directory') return none(`${name} is a directory.`)
  if (node === undefined) return none(`There is no ${name}.`)
  if (left.length > 0) return none(`${name} is not a directory.`)
  return { outcome: 'file', size: node.size, narOffset: node.narOffset }
}

function nodeAt(root: ListingNode, names: readonly string[]): ListingNode | undefined {
  let node: ListingNode | undefined = root
  for (const name of names) {
    node = node?.type === 'directory' && Object.hasOwn(node.entries, name) ? node.entries[name] : undefined
  }
  return node
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.')
}

function none(reason: string): FoundNode {
  return { outcome: 'none', reason }
}
