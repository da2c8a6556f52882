// Debugging information is kept apart from programs, in files named after the id of the build that both come from:
// `lib/debug/.build-id/ab/cdef….debug`.

import type { Listing } from '@cachix/protocol'

/** The builds whose debugging information is in a NAR, 40 hex digits each. */
export function findBuildIds(root: Listing): string[] {
  const folders = entriesOf(['lib', 'debug', '.build-id'].reduce(entry, root))
  return folders.flatMap(([start, folder]) =>
    entriesOf(folder).flatMap(([name, { type }]) => {
      const [, buildId] = /^([0-9a-f]{40})\.debug$/.exec(start + name) ?? []
      return buildId !== undefined && start.length === 2 && type === 'regular' ? [buildId] : []
    }),
  )
}

function entry(node: Listing | undefined, name: string): Listing | undefined {
  return node?.type === 'directory' ? node.entries.get(name) : undefined
}

function entriesOf(node: Listing | undefined): readonly [name: string, node: Listing][] {
  return node?.type === 'directory' ? [...node.entries] : []
}
