import assert from 'node:assert/strict'
import { rename } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { renderNarInfo, sha256FromHex } from '@cachix/protocol'
import { directory, sampleNar, sha256, textFile } from '../services/sample-nar.ts'
import type { SampleNar } from '../services/sample-nar.ts'
import { HttpStage } from './http-stage.ts'
import type { Answer } from './http-stage.ts'

const hash = (digit: string) => digit.repeat(32)
const nameOf = (bytes: Uint8Array) => sha256FromHex(sha256(bytes)).slice('sha256:'.length)
const urlOf = (bytes: Uint8Array, ending = '.nar') => `nar/${nameOf(bytes)}${ending}`

/** What `nix copy --to` does request by request, and what goes wrong then. */
describe('PUT', () => {
  let stage: HttpStage
  before(async () => {
    stage = await HttpStage.open()
    await stage.create('mine')
    await stage.create('secret', false)
  })
  after(() => stage.close())

  const nar = sampleNar(directory({ file: textFile('hello\n'.repeat(1000)), numbers: textFile('12345') }))
  const file = Buffer.from(gzipSync(nar.nar))

  function put(
    path: string,
    body: string | Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const length = String(Buffer.byteLength(body))
    const basic = Buffer.from(`whoever:${stage.token}`).toString('base64')
    return stage.ask({
      method: 'PUT',
      path: `/mine/${path}`,
      body,
      headers: { authorization: `Basic ${basic}`, 'content-length': length, ...headers },
    })
  }

  const asOwner = () => ({ authorization: `Bearer ${stage.token}` })

  interface Claim {
    readonly digit: string
    readonly nar?: SampleNar
    readonly file?: Uint8Array
    readonly compression?: string
    readonly references?: readonly string[]
    readonly signatures?: readonly string[]
  }

  function narinfoOf(claim: Claim): string {
    const { digit, references = [], signatures = [], compression = 'gzip' } = claim
    const [sent, content] = [claim.file ?? file, claim.nar ?? nar]
    return renderNarInfo({
      storePath: `/nix/store/${hash(digit)}-x`,
      url: urlOf(sent),
      compression,
      fileHash: sha256FromHex(sha256(sent)),
      fileSize: sent.length,
      narHash: content.narHash,
      narSize: content.nar.length,
      references,
      signatures,
    })
  }

  async function publish(claim: Claim): Promise<Answer> {
    assert.equal((await put(urlOf(claim.file ?? file), claim.file ?? file)).status, 200)
    return put(`${hash(claim.digit)}.narinfo`, narinfoOf(claim))
  }

  test('a NAR and its narinfo make a path visible; both may be sent again', async () => {
    assert.equal((await publish({ digit: '0' })).status, 200)
    assert.equal((await publish({ digit: '0' })).status, 200)
    const served = await stage.ask({ path: `/mine/${hash('0')}.narinfo` })
    assert.match(served.text, /^Compression: zstd$/m)
    assert.match(served.text, /^Sig: mine\.localhost-1:/m)
  })

  test('in all three places that a cache has', async () => {
    for (const [path, host] of [
      ['/mine', undefined],
      ['', 'mine.localhost'],
      ['/api/v1/cache/mine', undefined],
    ] as const) {
      const question = { path: `${path}/${urlOf(file)}`, headers: asOwner(), ...(host && { host }) }
      assert.equal((await stage.ask({ ...question, method: 'PUT', body: file })).status, 200, path)
      assert.equal((await stage.ask({ ...question, method: 'HEAD' })).status, 200, path)
    }
  })

  test('what was uploaded and not published is there for those who may publish it, and for nobody else', async () => {
    const fresh = sampleNar(textFile('not published'))
    const path = urlOf(fresh.file, '.nar.zst')
    assert.equal((await put(path, fresh.file)).status, 200)
    assert.equal((await stage.ask({ method: 'HEAD', path: `/mine/${path}`, headers: asOwner() })).status, 200)
    assert.equal((await stage.ask({ method: 'HEAD', path: `/mine/${path}` })).status, 404)
    assert.equal((await stage.ask({ path: `/mine/${path}` })).status, 404)
    const elsewhere = { path: `/secret/${path}`, headers: asOwner() }
    assert.equal((await stage.ask(elsewhere)).status, 404)
  })

  test('the file that was sent is served under its own name once it is published: clients keep their narinfo', async () => {
    await publish({ digit: '0' })
    const { status, body, headers } = await stage.ask({ path: `/mine/${urlOf(file)}` })
    assert.equal(status, 200)
    assert.deepEqual(body, file)
    assert.equal(headers['accept-ranges'], 'bytes')
    const part = await stage.ask({ path: `/mine/${urlOf(file)}`, headers: { range: 'bytes=3-9' } })
    assert.equal(part.status, 206)
    assert.deepEqual(part.body, file.subarray(3, 10))
  })

  test('without a token, with a wrong one or none that may write: refused with a sentence, before the body', async () => {
    for (const authorization of ['', 'Bearer nonsense', 'Basic bm86bm9uc2Vuc2U=']) {
      const { status, text } = await put(urlOf(file), file, { authorization })
      assert.equal(status, 401)
      assert.match(text, /^[^\n]+\n$/)
    }
  })

  test('without a length: 411', async () => {
    const headers = { ...asOwner(), 'transfer-encoding': 'chunked' }
    const answer = await stage.ask({ method: 'PUT', path: `/mine/${urlOf(file)}`, headers, body: file })
    assert.equal(answer.status, 411)
  })

  test('a body that is cut is never kept', async () => {
    const cut = sampleNar(textFile('cut '.repeat(1000)))
    const path = `/mine/${urlOf(cut.file, '.nar.zst')}`
    await new Promise<void>((resolve) => {
      const socket = connect(stage.server.port, '127.0.0.1', () => {
        const head = `PUT ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${stage.token}\r\n`
        socket.write(`${head}Content-Length: ${cut.file.length}\r\n\r\n`)
        socket.write(cut.file.subarray(0, -5), () => socket.destroy())
      })
      socket.on('close', () => resolve())
    })
    assert.equal((await stage.ask({ method: 'HEAD', path, headers: asOwner() })).status, 404)
  })

  test('a file that has not the hash in its name is refused', async () => {
    const { status, text } = await put(`nar/${nameOf(nar.nar)}.nar`, file)
    assert.equal(status, 422)
    assert.match(text, /not the .* in its name/)
    assert.equal((await put('nar/nonsense.nar', file)).status, 400)
  })

  test('a file that is no NAR, or in a compression that is not taken, is refused', async () => {
    const garbage = Buffer.from('garbage that is no NAR')
    assert.equal((await put(urlOf(garbage), garbage)).status, 415)
    const text = gzipSync('no NAR in it')
    assert.equal((await put(urlOf(text), text)).status, 422)
    const trailing = Buffer.concat([file, Buffer.from('more')])
    assert.equal((await put(urlOf(trailing), trailing)).status, 415)
  })

  test('brotli is known by its ending', async () => {
    const brotli = brotliCompressSync(nar.nar)
    assert.equal((await put(urlOf(brotli, '.nar.br'), brotli)).status, 200)
    assert.equal((await put(urlOf(brotli), brotli)).status, 415)
  })

  test('another NAR for a path that is there: 409 with a sentence, and nothing changes', async () => {
    await publish({ digit: '0' })
    const other = sampleNar(textFile('other'))
    const { status, text } = await publish({ digit: '0', nar: other, file: other.file, compression: 'zstd' })
    assert.equal(status, 409)
    assert.match(text, /in this cache already, with other contents/)
    const served = await stage.ask({ path: `/mine/${hash('0')}.narinfo` })
    assert.match(served.text, new RegExp(`NarHash: ${nar.narHash}`))
  })

  test('references that are not there: 409, naming them', async () => {
    const missing = `${hash('9')}-missing`
    const { status, text } = await publish({ digit: '1', references: [missing] })
    assert.equal(status, 409)
    assert.match(text, new RegExp(missing))
  })

  test('a narinfo that lies, is malformed or comes under another name is refused', async () => {
    await publish({ digit: '0' })
    const right = narinfoOf({ digit: '2' })
    const lies = {
      'another hash in the URL': right.replace(/URL: .*/, `URL: nar/${nameOf(nar.nar)}.nar`),
      'another URL': right.replace(/URL: .*/, 'URL: https://elsewhere/x'),
      'another NAR hash': right.replace(/NarHash: .*/, `NarHash: sha256:${'0'.repeat(52)}`),
      'another NAR size': right.replace(/NarSize: .*/, 'NarSize: 1'),
      'another file size': right.replace(/FileSize: .*/, 'FileSize: 1'),
      'another compression': right.replace(/Compression: .*/, 'Compression: xz'),
      'another store': right.replace('/nix/store/', '/other/store/'),
      'no line end': right.trimEnd(),
      nothing: '',
    }
    for (const [what, text] of Object.entries(lies)) {
      const { status } = await put(`${hash('2')}.narinfo`, text)
      assert.ok(status >= 400 && status < 500, `${what}: ${status}`)
    }
    assert.equal((await put(`${hash('3')}.narinfo`, right)).status, 400)
    assert.equal((await stage.ask({ path: `/mine/${hash('2')}.narinfo` })).status, 404)
    assert.equal((await put(`${hash('2')}.narinfo`, right)).status, 200)
  })

  test('signatures that do not verify, or are none, are dropped and the others stay', async () => {
    const wrong = [`mine.localhost-1:${Buffer.alloc(64).toString('base64')}`, 'nonsense', 'a:b']
    const text = narinfoOf({ digit: '4' }).replace(
      'References',
      `${wrong.map((sig) => `Sig: ${sig}\n`).join('')}References`,
    )
    await put(urlOf(file), file)
    assert.equal((await put(`${hash('4')}.narinfo`, text)).status, 200)
    const served = await stage.ask({ path: `/mine/${hash('4')}.narinfo` })
    assert.equal(served.text.match(/^Sig: /gm)?.length, 1)
  })

  test('narinfos and logs may come in any Content-Encoding that Nix has', async () => {
    await put(urlOf(file), file)
    const encodings = { gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync } as const
    for (const [index, [encoding, compress]] of Object.entries(encodings).entries()) {
      const digit = String(5 + index)
      const body = compress(narinfoOf({ digit }))
      assert.equal((await put(`${hash(digit)}.narinfo`, body, { 'content-encoding': encoding })).status, 200)
      assert.equal((await stage.ask({ path: `/mine/${hash(digit)}.narinfo` })).status, 200)
      const log = `log/${hash(digit)}-x.drv`
      assert.equal((await put(log, compress('building'), { 'content-encoding': encoding })).status, 200)
      assert.equal((await stage.ask({ path: `/mine/${log}` })).text, 'building')
    }
    const unknown = await put(`${hash('5')}.narinfo`, 'x', { 'content-encoding': 'deflate' })
    assert.equal(unknown.status, 415)
    const bomb = gzipSync(Buffer.alloc(5 * 1024 ** 2))
    assert.equal((await put(`${hash('5')}.narinfo`, bomb, { 'content-encoding': 'gzip' })).status, 413)
  })

  test('nix-cache-info stays: its owner may send the same, nobody else anything', async () => {
    assert.equal((await put('nix-cache-info', 'StoreDir: /nix/store\n')).status, 200)
    assert.equal((await put('nix-cache-info', 'StoreDir: /other\n')).status, 409)
    const stranger = await put('nix-cache-info', 'StoreDir: /nix/store\n', { authorization: '' })
    assert.equal(stranger.status, 401)
  })

  test('logs, realisations and build traces come back as they were put', async () => {
    const objects = {
      [`log/${hash('0')}-a+b=c.drv`]: 'a log',
      [`realisations/sha256:${'a'.repeat(64)}!out.doi`]: '{"id":"x"}',
      [`build-trace-v2/${hash('0')}-x.drv/out.doi`]: '{"outPath":"y"}',
    }
    for (const [path, text] of Object.entries(objects)) {
      assert.equal((await stage.ask({ path: `/mine/${path}` })).status, 404)
      assert.equal((await put(path, text)).status, 200)
      assert.equal((await stage.ask({ path: `/mine/${path}` })).text, text)
      const head = await stage.ask({ method: 'HEAD', path: `/mine/${path}` })
      assert.deepEqual([head.status, head.text], [200, ''])
      assert.equal((await stage.ask({ path: `/secret/${path}` })).status, 401)
    }
    const encoded = await stage.ask({ path: `/mine/log/${hash('0')}-a%2Bb%3Dc.drv` })
    assert.equal(encoded.text, 'a log')
    assert.equal((await put(`realisations/sha256:${'b'.repeat(64)}!out.doi`, 'no JSON')).status, 400)
    assert.equal((await put('log/../../etc/passwd', 'x')).status, 404)
    assert.equal((await put(`log/${hash('0')}`, 'x')).status, 404)
  })

  test('a listing and debugging information are taken, and told from the NAR itself', async () => {
    const buildId = 'ab'.repeat(20)
    const member = `lib/debug/.build-id/ab/${buildId.slice(2)}.debug`
    const tree = {
      '.build-id': directory({ ab: directory({ [`${buildId.slice(2)}.debug`]: textFile('debug') }) }),
    }
    const debug = sampleNar(directory({ lib: directory({ debug: directory(tree) }) }))
    assert.equal((await put(`${hash('8')}.ls`, '{"version":1,"root":{}}')).status, 200)
    assert.equal((await put(`debuginfo/${buildId}.debug`, '{}')).status, 200)
    assert.equal((await stage.ask({ path: `/mine/debuginfo/${buildId}` })).status, 404)
    await publish({ digit: '8', nar: debug, file: debug.file, compression: 'zstd' })
    const listing = await stage.ask({ path: `/mine/${hash('8')}.ls` })
    assert.match(listing.text, /narOffset/)
    const narinfo = await stage.ask({ path: `/mine/${hash('8')}.narinfo` })
    for (const spelling of [buildId, `${buildId}.debug`]) {
      const { status, text } = await stage.ask({ path: `/mine/debuginfo/${spelling}` })
      assert.equal(status, 200)
      const info = JSON.parse(text) as { archive: string; member: string }
      assert.equal(info.member, member)
      assert.match(narinfo.text, new RegExp(`URL: ${info.archive.replace('../', '')}`))
    }
  })

  test('a single file is served from a path, as nothing that a browser would run', async () => {
    await publish({ digit: '0' })
    const path = `/mine/serve/${hash('0')}/file`
    const { status, text, headers } = await stage.ask({ path })
    assert.equal(status, 200)
    assert.equal(text, 'hello\n'.repeat(1000))
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.match(String(headers['content-security-policy']), /sandbox/)
    const part = await stage.ask({ path, headers: { range: 'bytes=6-10' } })
    assert.deepEqual([part.status, part.text], [206, 'hello'])
    const numbers = await stage.ask({ path: `/api/v1/cache/mine/serve/${hash('0')}/numbers` })
    assert.equal(numbers.text, '12345')
    assert.match((await stage.ask({ path: `/mine/serve/${hash('0')}` })).text, /is a directory/)
    assert.equal((await stage.ask({ path: `/mine/serve/${hash('0')}/nothing` })).status, 404)
    assert.equal((await stage.ask({ path: `/secret/serve/${hash('0')}/file` })).status, 401)
    assert.equal((await put(`serve/${hash('0')}/file`, '')).status, 400)
  })

  test('a failure of the service is no 5xx, after which old versions of Nix would send an empty body', async () => {
    const spool = join(stage.directory, 'spool')
    await rename(spool, `${spool}.gone`)
    try {
      const { status, text } = await put(urlOf(file), file)
      assert.equal(status, 400)
      assert.match(text, /Something went wrong in the service/)
      assert.match(stage.log, /request failed/)
    } finally {
      await rename(`${spool}.gone`, spool)
    }
    assert.equal((await put(urlOf(file), file)).status, 200)
  })
})
