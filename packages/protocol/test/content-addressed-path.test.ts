import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isContentAddressed, parseNarInfo } from '../src/index.ts'
import { goldenText } from './golden.ts'

const added = [
  'cache/yqi18hzk6wxzj2ksv7x9k8rnnzwirzz9.narinfo',
  'cache/gn76d8dh089anfi3s47pvgsh93l1d1n9.narinfo',
].map((name) => parseNarInfo(goldenText(name)))

for (const { storePath, references, ca = '' } of added) {
  test(`${storePath} follows from ${ca.slice(0, 10)}…, and from nothing else`, async () => {
    assert.equal(await isContentAddressed({ storePath, references, ca }), true)
    assert.equal(await isContentAddressed({ storePath: `${storePath}x`, references, ca }), false)
    assert.equal(await isContentAddressed({ storePath, references: ['a'], ca }), false)
    const other = ca.replace(/.$/, (last) => (last === 'c' ? 'd' : 'c'))
    assert.equal(await isContentAddressed({ storePath, references, ca: other }), false)
  })
}

// nix-build -E 'derivation { name = "fixed"; system = builtins.currentSystem; builder = "/bin/sh"; args = ["-c" "echo hi > $out"];
//   outputHash = "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"; outputHashAlgo = "sha256"; }'
test('a fixed output follows from the hash of its file', async () => {
  const ca = 'fixed:sha256:1r3v22qkypccqifzbww5lrn6hf1chi23m6zzkyvb8bvg457nxslq'
  const path = { storePath: '/nix/store/y426wd1pghg2mbs5yjjn9dbvmyimfngc-fixed', references: [], ca }
  assert.equal(await isContentAddressed(path), true)
})

// nix-instantiate -E 'derivation { name = "q"; system = "x"; builder = "/bin/sh"; x = derivation { name = "r"; system = "x"; builder = "/bin/sh"; }; }'
test('a text follows from its references too', async () => {
  const storePath = '/nix/store/2x96jybg3mshmpcmq3zp1d8p05r468wi-q.drv'
  const ca = 'text:sha256:0d0pv0jiz6lmg2ndgx86cfbgcz9bnswjjn8zln0099w9rjb4a29b'
  const references = ['4hkyq13ys4n3jrindp71x3dx7nfiinaa-r.drv']
  assert.equal(await isContentAddressed({ storePath, references, ca }), true)
  assert.equal(await isContentAddressed({ storePath, references: [], ca }), false)
})
