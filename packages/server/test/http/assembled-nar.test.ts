import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { parseNarInfo, sha256ToHex } from '@cachix/protocol'
import { sha256 } from '../services/sample-nar.ts'
import { bundle, bundleOf, dependencyOf, pathCreateOf, program, sendFrame } from '../services/sample-push.ts'
import type { CutPath } from '../services/sample-push.ts'
import { HttpStage } from './http-stage.ts'

const paths = { 'lies in several packs': program('0'), 'was rebuilt with other hashes': program('2') }

describe('A NAR that no file is as it is', () => {
  let stage: HttpStage

  before(async () => {
    stage = await HttpStage.open()
    await stage.create('mine')
    for (const path of Object.values(paths)) await pushInParts(path)
  })
  after(() => stage.close())

  /** Each chunk comes in a bundle of its own. */
  async function pushInParts(path: CutPath): Promise<void> {
    const library = dependencyOf(path)
    await post('bundles', await bundleOf(library))
    for (const chunk of path.chunks) await post('bundles', bundle([await sendFrame(chunk)]))
    await post('paths', { paths: [pathCreateOf(library), pathCreateOf(path)] })
  }

  async function post(route: string, body: unknown): Promise<void> {
    const { status, text } = await stage.post(`/cache/mine/${route}`, body)
    assert.equal(status, 200, text)
    assert.doesNotMatch(text, /failed/)
  }

  for (const [what, { hash }] of Object.entries(paths)) {
    test(`one that ${what} leaves with its length, whole and in any part`, async () => {
      const info = parseNarInfo((await stage.ask({ path: `/mine/${hash}.narinfo` })).text)
      const path = `/mine/${info.url}`
      const size = info.fileSize ?? 0
      const { status, headers } = await stage.ask({ method: 'HEAD', path })
      assert.deepEqual([status, headers['content-length']], [200, String(size)])
      const part = await stage.ask({ path, headers: { range: 'bytes=10-49' } })
      const whole = await stage.ask({ path })
      assert.equal(whole.status, 200)
      assert.equal(whole.headers['content-length'], String(size))
      assert.equal(whole.headers['transfer-encoding'], undefined)
      assert.equal(sha256(whole.body), sha256ToHex(info.fileHash ?? ''))
      assert.deepEqual(part.body, whole.body.subarray(10, 50))
      for (const [start, end] of [
        [5, size],
        [size - 700_000, size - 10],
        [size - 1, size],
        [0, 1_000],
      ] as const) {
        const answer = await stage.ask({ path, headers: { range: `bytes=${start}-${end - 1}` } })
        assert.equal(answer.status, 206)
        assert.equal(answer.headers['content-length'], String(end - start))
        assert.equal(answer.headers['transfer-encoding'], undefined)
        assert.equal(answer.headers['content-range'], `bytes ${start}-${end - 1}/${size}`)
        assert.ok(answer.body.equals(whole.body.subarray(start, end)))
      }
    })
  }

  test('is right for each of many who ask for it at once', async () => {
    const info = parseNarInfo((await stage.ask({ path: `/mine/${program('0').hash}.narinfo` })).text)
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => stage.ask({ path: `/mine/${info.url}` })),
    )
    for (const { body } of answers) assert.equal(sha256(body), sha256ToHex(info.fileHash ?? ''))
  })
})
