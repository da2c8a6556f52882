import { baseNameOf } from '@cachix/protocol'
import type { PathInfo } from './store-reader.ts'

/** The same infos, each after all those it refers to. References outside of the list do not matter. */
export function sortClosure(infos: readonly PathInfo[]): PathInfo[] {
  const pending = new Map(infos.map((info) => [baseNameOf(info.storePath), info]))
  const sorted: PathInfo[] = []
  for (const info of infos) place(info, pending, sorted)
  return sorted
}

/** Depth first with a stack of its own: chains of references are longer than the call stack allows. */
function place(root: PathInfo, pending: Map<string, PathInfo>, sorted: PathInfo[]): void {
  const stack = enter(root, pending)
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = top.references.next()
    if (next.done === true) {
      sorted.push(top.info)
      stack.pop()
    } else {
      const reference = pending.get(next.value)
      if (reference !== undefined) stack.push(...enter(reference, pending))
    }
  }
}

interface Visit {
  readonly info: PathInfo
  readonly references: Iterator<string>
}

function enter(info: PathInfo, pending: Map<string, PathInfo>): Visit[] {
  if (!pending.delete(baseNameOf(info.storePath))) return []
  return [{ info, references: info.references.values() }]
}
