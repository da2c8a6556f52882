import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { sortClosure } from '../../src/nix/sort-closure.ts'
import type { PathInfo } from '../../src/nix/store-reader.ts'

function info(name: string, references: readonly string[]): PathInfo {
  return { storePath: `/nix/store/${name}`, narHash: '', narSize: 0, references, signatures: [] }
}

test('every path comes after all it refers to, itself excepted', () => {
  const graph = fc.array(fc.uniqueArray(fc.nat(30)), { maxLength: 30 })
  fc.assert(
    fc.property(graph, fc.infiniteStream(fc.nat()), (edges, order) => {
      // A reference may only point to a lower number or to the path itself, as in any store.
      const infos = edges.map((targets, i) =>
        info(
          `p${i}`,
          targets.filter((t) => t <= i).map((t) => `p${t}`),
        ),
      )
      const shuffled = infos
        .map((each) => [order.next().value ?? 0, each] as const)
        .sort((a, b) => a[0] - b[0])
      const sorted = sortClosure(shuffled.map(([, each]) => each))
      const position = new Map(sorted.map((each, i) => [each.storePath.slice('/nix/store/'.length), i]))
      assert.equal(sorted.length, infos.length)
      for (const [i, each] of sorted.entries()) {
        for (const reference of each.references) assert.ok((position.get(reference) ?? Infinity) <= i)
      }
    }),
  )
})

test('a chain of a hundred thousand paths is sorted', () => {
  const infos = Array.from({ length: 100_000 }, (_, i) => info(`p${i}`, i === 99_999 ? [] : [`p${i + 1}`]))
  assert.equal(sortClosure(infos)[0]?.storePath, '/nix/store/p99999')
})
