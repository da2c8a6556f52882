import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sha256FromHex } from '@cachix/protocol'
import { sha256 } from '../services/sample-nar.ts'
import { HttpStage } from './http-stage.ts'

let stage: HttpStage
before(async () => {
  stage = await HttpStage.open()
  await stage.create('mine')
})
after(() => stage.close())

/** Nix offers them, where the programs of these names are installed. */
const beginnings = [
  ['lzop', '\x89LZO\0\r\n\x1a\n'],
  ['lrzip', 'LRZI\0\x06'],
  ['grzip', 'GRZipII\0\x02\x04:)'],
] as const

for (const [name, start] of beginnings)
  test(`a NAR that Nix has sent through ${name} is refused by that name, and with what to set instead`, async () => {
    const sent = Buffer.from(start.padEnd(1000, 'x'), 'latin1')
    const { status, text } = await stage.ask({
      method: 'PUT',
      path: `/mine/nar/${sha256FromHex(sha256(sent)).slice('sha256:'.length)}.nar`,
      body: sent,
      headers: { authorization: `Bearer ${stage.token}`, 'content-length': String(sent.length) },
    })
    assert.equal(status, 415)
    assert.match(text, new RegExp(`^This is compressed with ${name}, .* compression=zstd .*\\bxz\\b`))
  })

test('a compression that is named and not taken is refused before anything is sent', async () => {
  for (const path of ['/cache/mine/nar', '/cache/mine/multipart-nar']) {
    const { status, text } = await stage.post(`${path}?compression=lzop`, '')
    assert.equal(status, 415)
    assert.match(text, /compression=zstd .*\bxz\b/)
  }
})
