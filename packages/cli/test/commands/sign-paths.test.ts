import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publicKeyOf, renderPublicKey, renderSecretKey, secretKeyFromSeed } from '@cachix/protocol'
import { answer, localService } from '../local-service.ts'
import { runCli } from '../run-cli.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const held = await secretKeyFromSeed('c.localhost-1', new Uint8Array(32).fill(1))

function keyOf(name: string, publicKey: string, isManaged: boolean) {
  return { name, publicKey, isManaged, state: 'active', createdAt: 1, retiredAt: null, unsignedPaths: 1 }
}

const unsigned = {
  storePath: `/nix/store/${'0'.repeat(32)}-p`,
  narHash: `sha256:${'0'.repeat(52)}`,
  narSize: 1,
  references: [],
  signatures: [],
}

test('a key that cannot sign everything does not keep the others from it, and fails the command', async () => {
  const asked: string[] = []
  await using directory = await temporaryDirectory()
  await using service = await localService(({ url = '' }, response) => {
    const [, call = ''] = /\/cache\/c\/keys(.*)/.exec(url) ?? []
    asked.push(call)
    if (call === '/sign') answer(response, { signed: 1, next: null })
    else if (call === '/unsigned')
      answer(response, { paths: asked.filter((each) => each === call).length === 1 ? [unsigned] : [] })
    else {
      const publicKey = renderPublicKey(publicKeyOf(held)).split(':')[1] ?? ''
      const managed = keyOf('c.localhost-2', `${'A'.repeat(43)}=`, true)
      answer(response, { keys: [keyOf(held.name, publicKey, false), managed] })
    }
  })
  const { status, stderr } = await runCli(['key', 'sign', 'c'], {
    XDG_CONFIG_HOME: directory.path,
    CACHIX_HOST: service.host,
    CACHIX_AUTH_TOKEN: 'token',
    CACHIX_SIGNING_KEY: renderSecretKey(held),
  })
  assert.equal(status, 1)
  assert.match(stderr, /^c\.localhost-1: signed 0, 1 not trusted, 0 refused by the service\.$/m)
  assert.match(stderr, /^c\.localhost-2: signed 1, 0 not trusted/m)
  assert.match(stderr, /Not every path is signed\. .*--trusted-public-key/)
})
