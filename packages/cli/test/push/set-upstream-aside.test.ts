import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  baseNameOf,
  fingerprint,
  publicKeyOf,
  renderPublicKey,
  secretKeyFromSeed,
  sign,
} from '@cachix/protocol'
import type { PathInfo } from '../../src/nix/store-reader.ts'
import { setUpstreamAside } from '../../src/push/set-upstream-aside.ts'

const key = await secretKeyFromSeed('up-1', new Uint8Array(32).fill(1))
const liar = await secretKeyFromSeed('up-1', new Uint8Array(32).fill(2))
const upstreams = [{ url: 'https://up.example', publicKeys: [renderPublicKey(publicKeyOf(key))] }]

async function path(letter: string, references: string[], signer?: typeof key): Promise<PathInfo> {
  const info = {
    storePath: `/nix/store/${letter.repeat(32)}-${letter}`,
    narHash: `sha256:${'0'.repeat(52)}`,
    narSize: 1,
    references: references.map((each) => `${each.repeat(32)}-${each}`),
    signatures: [],
  }
  return { ...info, signatures: signer ? [await sign(signer, fingerprint(info))] : [] }
}

function names(infos: readonly PathInfo[]): string[] {
  return infos.map(({ storePath }) => baseNameOf(storePath).slice(33))
}

/** `a` ← `b` ← `c` ← `d`; the upstream has `a` and `b`, and somebody else says the same of `c`. */
const closure = [
  await path('a', [], key),
  await path('b', ['a', 'b'], key),
  await path('c', ['b'], liar),
  await path('d', ['c', 'a']),
]

test('what an upstream has signed is not pushed; the service is told of what the rest refers to', async () => {
  const told: string[][] = []
  const record = async (paths: readonly PathInfo[]) => {
    told.push(names(paths))
    return paths.map(() => true)
  }
  const { toPush, inUpstreams } = await setUpstreamAside({ upstreams, record }, closure)
  assert.deepEqual(names(toPush), ['c', 'd'])
  assert.deepEqual([...inUpstreams], [['up.example', 2]])
  assert.deepEqual(told.flat().sort(), ['a', 'b'])
})

test('what the service does not take for the upstream’s is pushed, with all it refers to', async () => {
  const deps = { upstreams, record: async (paths: readonly PathInfo[]) => paths.map(() => false) }
  const { toPush, inUpstreams } = await setUpstreamAside(deps, closure)
  assert.deepEqual(names(toPush), ['a', 'b', 'c', 'd'])
  assert.equal(inUpstreams.size, 0)
})

test('without upstreams everything is pushed and nobody is asked', async () => {
  const { toPush } = await setUpstreamAside({ upstreams: [], record: () => assert.fail() }, closure)
  assert.deepEqual(names(toPush), ['a', 'b', 'c', 'd'])
})
