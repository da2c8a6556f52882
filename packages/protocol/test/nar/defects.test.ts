import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NarParser } from '../../src/nar/parser.ts'
import { splitAt } from '../blocks.ts'

type Part = string | Uint8Array

/** A NAR string: length, bytes, zero bytes up to a multiple of 8. */
function string(part: Part): Uint8Array {
  const bytes = Buffer.from(part)
  const whole = Buffer.alloc(8 + Math.ceil(bytes.length / 8) * 8)
  whole.writeBigUInt64LE(BigInt(bytes.length))
  whole.set(bytes, 8)
  return whole
}

const strings = (...parts: readonly Part[]) => Buffer.concat(parts.map(string))
const nar = (...parts: readonly Part[]) => strings('nix-archive-1', ...parts)
const length = (value: bigint) => new Uint8Array(BigUint64Array.of(value).buffer)

const file = ['(', 'type', 'regular', 'contents', 'x', ')']
const link = (target: Part) => ['(', 'type', 'symlink', 'target', target, ')']
const entry = (name: Part, node: readonly Part[] = file) => ['entry', '(', 'name', name, 'node', ...node, ')']
const directory = (...entries: readonly (readonly Part[])[]) => [
  '(',
  'type',
  'directory',
  ...entries.flat(),
  ')',
]
const nested = (depth: number): readonly Part[] =>
  depth === 0 ? file : directory(entry('d', nested(depth - 1)))

/** A NAR with its first string of these bytes padded by other than zero. */
function badPadding(bytes: Uint8Array, part: Part): Uint8Array {
  const at = Buffer.from(bytes).indexOf(string(part))
  const changed = Uint8Array.from(bytes)
  changed[at + string(part).length - 1] = 1
  return changed
}

const whole = nar(...directory(entry('a'), entry('b', link('to')), entry('c', directory())))

const defects: Record<string, Uint8Array> = {
  'another magic': strings('nix-archive-2', ...file),
  'no magic': strings(...file),
  'an unknown word': nar('(', 'type', 'regular', 'mode', '0644', 'contents', 'x', ')'),
  'an unknown type': nar('(', 'type', 'device', ')'),
  'no type': nar('(', 'contents', 'x', ')'),
  'a type twice': nar('(', 'type', 'regular', 'type', 'regular', 'contents', 'x', ')'),
  'nothing in its node': nar('(', ')'),
  'a word in capitals': nar('(', 'TYPE', 'regular', 'contents', 'x', ')'),
  'a word cut short': nar('(', 'type', 'regula', 'contents', 'x', ')'),
  'a word with a zero byte': nar('(', 'type', 'regular\0', 'contents', 'x', ')'),

  'no contents': nar('(', 'type', 'regular', ')'),
  'contents twice': nar('(', 'type', 'regular', 'contents', 'x', 'contents', 'x', ')'),
  'executable after contents': nar('(', 'type', 'regular', 'contents', 'x', 'executable', '', ')'),
  'executable twice': nar('(', 'type', 'regular', 'executable', '', 'executable', '', 'contents', 'x', ')'),
  'a value for executable': nar('(', 'type', 'regular', 'executable', 'x', 'contents', 'x', ')'),
  'executable without its empty value': nar('(', 'type', 'regular', 'executable', 'contents', 'x', ')'),
  'an executable link': nar('(', 'type', 'symlink', 'executable', '', 'target', 'to', ')'),
  'no target': nar('(', 'type', 'symlink', ')'),
  'a target twice': nar('(', 'type', 'symlink', 'target', 'to', 'target', 'to', ')'),
  'an empty target': nar(...link('')),
  'a target of more than 4095 bytes': nar(...link('x'.repeat(4096))),
  'a target with a zero byte': nar(...link('a\0b')),

  'a directory entry without a name': nar(...directory(['entry', '(', 'node', ...file, ')'])),
  'a directory entry without a node': nar(...directory(['entry', '(', 'name', 'a', ')'])),
  'a directory entry with its node first': nar(
    ...directory(['entry', '(', 'node', ...file, 'name', 'a', ')']),
  ),
  'a name twice in an entry': nar(
    ...directory(['entry', '(', 'name', 'a', 'name', 'a', 'node', ...file, ')']),
  ),
  'two nodes in an entry': nar(
    ...directory(['entry', '(', 'name', 'a', 'node', ...file, 'node', ...file, ')']),
  ),
  'entries in a file': nar('(', 'type', 'regular', 'contents', 'x', ...entry('a'), ')'),
  'the same name twice': nar(...directory(entry('a'), entry('a'))),
  'names in descending order': nar(...directory(entry('b'), entry('a'))),
  'a name before its own beginning': nar(...directory(entry('a-'), entry('a'))),
  'names in the order of text, not of bytes': nar(...directory(entry('\u{1f600}'), entry('\u{ff5e}'))),
  'the order of letters without regard to case': nar(...directory(entry('a'), entry('B'))),
  'an empty name': nar(...directory(entry(''))),
  'the name "."': nar(...directory(entry('.'))),
  'the name ".."': nar(...directory(entry('..'))),
  'a name with a slash': nar(...directory(entry('a/b'))),
  'a name with a zero byte': nar(...directory(entry('a\0'))),
  'a name of more than 255 bytes': nar(...directory(entry('x'.repeat(256)))),
  'a node 64 deep': nar(...nested(64)),

  'padding of a word that is not zero': badPadding(nar(...file), 'type'),
  'padding of contents that is not zero': badPadding(nar(...file), 'x'),
  'padding of a name that is not zero': badPadding(whole, 'a'),
  'padding of a target that is not zero': badPadding(whole, 'to'),

  'a byte after its end': Buffer.concat([nar(...file), Buffer.from('x')]),
  'zero bytes after its end': Buffer.concat([nar(...file), Buffer.alloc(8)]),
  'another NAR after its end': Buffer.concat([nar(...file), nar(...file)]),
  'no bytes at all': new Uint8Array(),
}

function parse(blocks: readonly Uint8Array[], maxSize?: number): void {
  const parser = new NarParser({}, maxSize === undefined ? {} : { maxSize })
  for (const block of blocks) parser.write(block)
  parser.end()
}

const bytewise = (bytes: Uint8Array) =>
  splitAt(
    bytes,
    Array.from(bytes, () => 1),
  )
const refusal = { name: 'FormatError', code: 'nar' }

describe('NAR parser', () => {
  for (const [what, bytes] of Object.entries(defects)) {
    it(`refuses a NAR with ${what}`, () => {
      assert.throws(() => parse([bytes]), refusal)
      assert.throws(() => parse(bytewise(bytes)), refusal)
    })
  }

  it('refuses a NAR cut off after any of its bytes', () => {
    for (let size = 0; size < whole.length; size++)
      assert.throws(() => parse([whole.subarray(0, size)]), refusal)
  })

  it('refuses a NAR larger than it may be', () => {
    parse([whole], whole.length)
    assert.throws(() => parse([whole], whole.length - 1), refusal)
  })

  const tooLong: Record<string, { before: Uint8Array; firstRefused: bigint }> = {
    'a word': { before: nar('('), firstRefused: 33n },
    'a name': { before: nar('(', 'type', 'directory', 'entry', '(', 'name'), firstRefused: 256n },
    'a target': { before: nar('(', 'type', 'symlink', 'target'), firstRefused: 4096n },
    // With the 96 bytes before its contents and padding it must not pass 2^53 - 1, what a double counts exactly.
    'a file': { before: nar('(', 'type', 'regular', 'contents'), firstRefused: 2n ** 53n - 103n },
  }
  for (const [what, { before, firstRefused }] of Object.entries(tooLong)) {
    it(`refuses ${what} that is too long as soon as the length is known`, () => {
      new NarParser({}).write(Buffer.concat([before, length(firstRefused - 1n)]))
      for (const value of [firstRefused, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
        assert.throws(() => new NarParser({}).write(Buffer.concat([before, length(value)])), refusal)
      }
    })
  }

  it('refuses contents larger than what is left as soon as their length is known', () => {
    const start = Buffer.concat([nar('(', 'type', 'regular', 'contents'), length(1000n)])
    new NarParser({}, { maxSize: start.length + 1000 }).write(start)
    assert.throws(() => new NarParser({}, { maxSize: start.length + 999 }).write(start), refusal)
  })

  const legal: Record<string, Uint8Array> = {
    'a node 63 deep': nar(...nested(63)),
    'a name of 255 bytes': nar(...directory(entry('x'.repeat(255)))),
    'names of dots': nar(...directory(entry('...'), entry('..a'), entry('.a'))),
    'names that are no UTF-8': nar(
      ...directory(entry(Uint8Array.of(0x61, 0xff)), entry(Uint8Array.of(0xff))),
    ),
    'names in the order of bytes, not of text': nar(...directory(entry('\u{ff5e}'), entry('\u{1f600}'))),
    'a target of 4095 bytes': nar(...link('x'.repeat(4095))),
    'a target that leads anywhere': nar(...link('../../etc/passwd')),
    'an empty executable': nar('(', 'type', 'regular', 'executable', '', 'contents', '', ')'),
  }
  for (const [what, bytes] of Object.entries(legal)) {
    it(`takes a NAR with ${what}`, () => {
      parse([bytes])
      parse(bytewise(bytes))
    })
  }
})
