import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { UselessFileError } from '../../src/import/cache-source.ts'
import { readText } from '../../src/import/read-text.ts'

const text = 'StorePath: /nix/store/x\n'
const encoded: Readonly<Record<string, Uint8Array>> = {
  xz: Buffer.from(
    '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAXU3RvcmVQYXRoOiAvbml4L3N0b3JlL3gKABmrOMpyeLiJAAEwGI4brOwftvN9AQAAAAAEWVo=',
    'base64',
  ),
  bzip2: Buffer.from(
    'QlpoOTFBWSZTWaKzwHkAAAPbgAAQQACAEEgAImGcQCAAIaj0gB6ahTAATR2g63W+UGuESCnMP4u5IpwoSFFZ4DyA',
    'base64',
  ),
  gzip: gzipSync(text),
  zstd: zstdCompressSync(text),
  br: brotliCompressSync(text),
}

function read(bytes: Uint8Array, encoding?: string): Promise<string> {
  return readText({ body: [bytes], encoding, name: 'x.narinfo' })
}

describe('the text of a file in a cache', () => {
  it('is decoded from whatever Nix encodes it in', async () => {
    for (const [encoding, bytes] of Object.entries(encoded)) assert.equal(await read(bytes, encoding), text)
    assert.equal(await read(encoded['gzip']!, 'X-GZIP'), text)
    assert.equal(await read(gzipSync(encoded['xz']!), 'xz, gzip'), text)
  })

  it('is what it is where nothing is said, or "identity"', async () => {
    assert.equal(await read(Buffer.from(text)), text)
    assert.equal(await read(Buffer.from(text), 'identity'), text)
  })

  it('is of no use in an unknown encoding, or in another than it says', async () => {
    await assert.rejects(read(Buffer.from(text), 'rot13'), uselessly(/rot13, which is not known/))
    await assert.rejects(read(Buffer.from(text), 'xz'), uselessly(/x\.narinfo cannot be decoded from xz/))
    await assert.rejects(read(encoded['xz']!.subarray(0, 40), 'xz'), uselessly(/cannot be decoded/))
  })

  it('is not taken when it is long, also where it looks short', async () => {
    const long = Buffer.alloc(2 * 1024 ** 2)
    await assert.rejects(read(long), uselessly(/too long/))
    await assert.rejects(read(zstdCompressSync(long), 'zstd'), uselessly(/too long/))
  })
})

function uselessly(message: RegExp) {
  return (error: unknown) => error instanceof UselessFileError && message.test(error.message)
}
