import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ListingBuilder, renderListing } from '../../src/nar/listing.ts'
import { NarParser } from '../../src/nar/parser.ts'
import { writeNar } from '../../src/nar/write-nar.ts'
import type { NarNode } from '../../src/nar/write-nar.ts'
import { parseNarInfo } from '../../src/narinfo.ts'
import { goldenBytes, goldenNames, goldenText } from '../golden.ts'

function listingOf(nar: Iterable<Uint8Array>): string {
  const builder = new ListingBuilder()
  const parser = new NarParser(builder)
  for (const block of nar) parser.write(block)
  parser.end()
  return renderListing(builder.listing())
}

const link: NarNode = { type: 'symlink', target: 'x' }

describe('listing', () => {
  for (const name of goldenNames('cache', '.ls')) {
    it(`is byte for byte what Nix wrote to ${name}`, () => {
      const { url } = parseNarInfo(goldenText(name.replace('.ls', '.narinfo')))
      assert.equal(listingOf([goldenBytes(`cache/${url}`)]), goldenText(name))
    })
  }

  it('keeps entries whose names mean something to JavaScript', () => {
    const names = ['10', '9', '__proto__', 'constructor']
    const listing = listingOf(writeNar({ type: 'directory', entries: names.map((name) => [name, link]) }))
    assert.deepEqual(
      Array.from(listing.matchAll(/"([^"]+)":\{"type":"symlink"/g), (match) => match[1]),
      names,
    )
  })

  it('replaces bytes that are no UTF-8 and is still JSON', () => {
    const listing = listingOf(writeNar({ type: 'directory', entries: [[Uint8Array.of(0x61, 0xff), link]] }))
    assert.deepEqual(Object.keys(JSON.parse(listing).root.entries), ['a\u{fffd}'])
  })

  it('keeps a byte order mark in a name', () => {
    const listing = listingOf(writeNar({ type: 'directory', entries: [['\u{feff}a', link]] }))
    assert.deepEqual(Object.keys(JSON.parse(listing).root.entries), ['\u{feff}a'])
  })
})
