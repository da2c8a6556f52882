import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UselessFileError, type CacheSource } from '../../src/import/cache-source.ts'
import { collectPaths } from '../../src/import/collect-paths.ts'
import { withoutCutOff } from '../../src/import/without-cut-off.ts'
import { sortClosure } from '../../src/nix/sort-closure.ts'

const hashOf = (letter: string) => letter.repeat(32)
const name = (letter: string) => `${hashOf(letter)}-${letter}`

function narinfo(letter: string, references: readonly string[] = []): string {
  return [
    `StorePath: /nix/store/${name(letter)}`,
    `URL: nar/${letter}.nar`,
    'Compression: none',
    `NarHash: sha256:${'0'.repeat(52)}`,
    'NarSize: 120',
    `References: ${references.map(name).join(' ')}`,
    '',
  ].join('\n')
}

/** A cache of these files, by letter. */
function sourceOf(files: Readonly<Record<string, string | Error>>): CacheSource {
  return {
    name: 'old',
    async readText(file) {
      const found = files[file[0] ?? '']
      if (found instanceof Error) throw found
      return found
    },
    fetchNar: () => Promise.reject(new Error('nobody asked for it')),
  }
}

const { signal } = new AbortController()
const findMissing = async (hashes: readonly string[]) => new Set(hashes)

describe('the paths of a cache', () => {
  it('are found in spite of narinfos that make no sense, each told with its reason', async () => {
    const source = sourceOf({
      a: narinfo('a', ['b', 'c']),
      b: narinfo('b', ['d']),
      c: narinfo('c'),
      d: 'nonsense \u001b[31m',
      f: narinfo('c'),
      g: new UselessFileError('gggg is too long.'),
    })
    const asked = ['a', 'f', 'g'].map(hashOf)
    const { missing, absent, useless } = await collectPaths({ source, findMissing, signal }, asked)
    assert.deepEqual(absent, [])
    assert.deepEqual([...useless.keys()].sort(), ['d', 'f', 'g'].map(hashOf))
    assert.match(useless.get(hashOf('d')) ?? '', /d\.narinfo of old makes no sense: .*not "Name: value"/)
    assert.match(useless.get(hashOf('f')) ?? '', /is about \/nix\/store\/c/)
    const { feasible, skipped } = withoutCutOff(sortClosure(missing), useless.keys())
    assert.deepEqual(
      feasible.map(({ storePath }) => storePath),
      [`/nix/store/${name('c')}`],
    )
    assert.deepEqual(
      skipped.map(({ info }) => info.storePath),
      [`/nix/store/${name('b')}`, `/nix/store/${name('a')}`],
    )
  })

  it('are not looked for any further when the cache itself fails', async () => {
    const source = sourceOf({ a: new Error('The network is down.') })
    await assert.rejects(collectPaths({ source, findMissing, signal }, [hashOf('a')]), /network is down/)
  })
})
