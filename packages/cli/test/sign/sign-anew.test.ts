import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NewSignatures, UnsignedPath } from '@cachix/api'
import {
  fingerprint,
  parsePublicKey,
  publicKeyOf,
  renderPublicKey,
  secretKeyFromSeed,
  sign,
  verify,
} from '@cachix/protocol'
import { KeyCalls } from '../../src/service/key-calls.ts'
import { ServiceClient } from '../../src/service/service-client.ts'
import { signAnew } from '../../src/sign/sign-anew.ts'
import { json } from 'node:stream/consumers'
import { answer, localService, refuse } from '../local-service.ts'

const [oldKey, newKey, stranger] = await Promise.all(
  ['c.localhost-1', 'c.localhost-2', 'c.localhost-1'].map((name, i) =>
    secretKeyFromSeed(name, new Uint8Array(32).fill(i + 1)),
  ),
)
const { signal } = new AbortController()
const hashes = Array.from('0123456789abcdfghijklmnpqrsvwxyz', (letter) => letter.repeat(32))

async function pathSignedBy(key: typeof oldKey, hash: string): Promise<UnsignedPath> {
  const path = {
    storePath: `/nix/store/${hash}-p`,
    narHash: `sha256:${'0'.repeat(52)}`,
    narSize: 1,
    references: [],
    signatures: [],
  }
  return { ...path, signatures: [await sign(key!, fingerprint(path))] }
}

/** A service with these paths, in pages of ten, that keeps what verifies. */
async function serviceWith(paths: readonly UnsignedPath[]) {
  const signed = new Map<string, string>()
  const pages: string[] = []
  const service = await localService(async (request, response) => {
    const body = await json(request)
    if (request.url?.endsWith('/unsigned')) {
      const { after } = body as { after: string }
      pages.push(after)
      const left = paths.filter(({ storePath }) => {
        const hash = storePath.slice(11, 43)
        return hash > after && !signed.has(hash)
      })
      answer(response, { paths: left.slice(0, 10) })
      return
    }
    const { signatures } = body as NewSignatures
    for (const { storeHash, sig } of signatures) signed.set(storeHash, sig)
    answer(response, { outcomes: signatures.map(() => 'added') })
  })
  const client = new ServiceClient({ host: service.host, token: '', userAgent: 'test' })
  const deps = { calls: new KeyCalls(client, 'c'), trusted: [oldKey!.publicKey], progress: () => {}, signal }
  return { service, signed, pages, deps }
}

describe('signing a cache anew', () => {
  it('goes through all pages, and once more for what came meanwhile', async () => {
    const paths = await Promise.all(hashes.map((hash) => pathSignedBy(oldKey, hash)))
    const { service, signed, pages, deps } = await serviceWith(paths)
    await using _ = service
    assert.deepEqual(await signAnew(deps, newKey!), { signed: 32, untrusted: 0, refused: 0 })
    assert.equal(pages.filter((after) => after === '').length, 2)
    const publicKey = parsePublicKey(renderPublicKey(publicKeyOf(newKey!)))
    for (const path of paths) {
      const signature = `c.localhost-2:${signed.get(path.storePath.slice(11, 43))}`
      assert.ok(await verify(publicKey, fingerprint(path), signature))
    }
  })

  it('signs nothing that no trusted key has signed, whatever the service says', async () => {
    const paths = await Promise.all([
      pathSignedBy(oldKey, hashes[0]!),
      pathSignedBy(stranger, hashes[1]!),
      pathSignedBy(oldKey, hashes[2]!),
    ])
    const forged = { ...paths[2], narHash: `sha256:${'1'.repeat(52)}` }
    const bare = { ...paths[0], storePath: `/nix/store/${hashes[3]}-p`, signatures: [] }
    const { service, signed, deps } = await serviceWith([paths[0], paths[1], forged, bare])
    await using _ = service
    assert.deepEqual(await signAnew(deps, newKey!), { signed: 1, untrusted: 3, refused: 0 })
    assert.deepEqual([...signed.keys()], [hashes[0]])
  })

  it('fails when the service no longer takes what was signed, whichever page it was', async () => {
    const paths = await Promise.all(hashes.slice(0, 25).map((hash) => pathSignedBy(oldKey, hash)))
    for (const good of [0, 1, 2]) {
      let added = 0
      await using service = await localService(async (request, response) => {
        const body = (await json(request)) as { after?: string }
        if (request.url?.endsWith('/signatures')) {
          if (added++ === good) refuse(response, 403, 'Not any more.')
          else answer(response, { outcomes: Array.from({ length: 10 }, () => 'added') })
          return
        }
        const left = paths.filter(({ storePath }) => storePath.slice(11, 43) > (body.after ?? ''))
        answer(response, { paths: left.slice(0, 10) })
      })
      const client = new ServiceClient({ host: service.host, token: '', userAgent: 'test' })
      const deps = {
        calls: new KeyCalls(client, 'c'),
        trusted: [oldKey!.publicKey],
        progress: () => {},
        signal,
      }
      await assert.rejects(signAnew(deps, newKey!), /Not any more/)
    }
  })

  it('looks for whoever signed among several keys, given twice or not', async () => {
    const signers = [stranger, oldKey, stranger, oldKey]
    const paths = await Promise.all(signers.map((key, i) => pathSignedBy(key, hashes[i]!)))
    const { service, signed, deps } = await serviceWith(paths)
    await using _ = service
    const trusted = [newKey!, oldKey!, stranger!, oldKey!].map(({ publicKey }) => publicKey)
    assert.deepEqual(await signAnew({ ...deps, trusted }, newKey!), { signed: 4, untrusted: 0, refused: 0 })
    assert.equal(signed.size, 4)
  })
})
