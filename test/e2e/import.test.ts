import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { anyNix, oldestAndNewestNix } from '../harness/nix-versions.ts'
import { runtime } from '../harness/runtime.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes, storeHash } from '../harness/store-paths.ts'

describe(`a cache is imported, Nix ${anyNix.version}, ${runtime}`, () => {
  let stage: Stage
  let top: string
  let big: string
  let directory: string
  let key: string
  let web: Server
  let webUrl: string

  before(async () => {
    stage = await Stage.set(anyNix)
    const { owner } = stage
    top = await build(owner, 'top')
    big = await build(owner, 'big')
    directory = join(owner.home, 'old-cache')
    await owner.runOk(['nix-store', '--generate-binary-cache-key', 'old-1', 'secret', 'public'])
    key = await readFile(join(owner.home, 'public'), 'utf8')
    const to = `file://${directory}?compression=xz&secret-key=${join(owner.home, 'secret')}`
    await owner.runOk(['nix', 'copy', '--to', to, top, big])
    web = createServer((request, response) => {
      readFile(join(directory, request.url ?? '')).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      )
    })
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
  })
  after(async () => {
    web.closeAllConnections()
    await new Promise((resolve) => web.close(resolve))
    await stage[Symbol.asyncDispose]()
  })

  it('skips what no trusted key has signed', async () => {
    const refused = await stage.owner.cachix(['import', stage.cache, `file://${directory}`])
    assert.equal(refused.status, 1)
    assert.match(refused.output, /Pushed 0 paths .*4 skipped \(.*no trusted key has signed it/)
  })

  it('takes a closure from a web server, and keeps signatures, derivers and our own signature', async () => {
    const options = ['--trusted-public-key', key]
    const named = await stage.owner.cachix(['import', stage.cache, webUrl])
    assert.match(named.output, /cannot be listed/)
    await stage.owner.cachixOk(['upstream', 'add', stage.cache, 'http://old.example', key])
    const imported = await stage.owner.cachix(['import', stage.cache, webUrl, top, ...options])
    assert.equal(imported.status, 0, imported.output)
    assert.match(imported.output, /Pushed 3 paths .*0 already there, 0 skipped, 0 failed/)
    const response = await fetch(`${stage.server.pathUrl(stage.cache)}/${storeHash(top)}.narinfo`)
    const narinfo = await response.text()
    assert.deepEqual(
      [...narinfo.matchAll(/^Sig: ([^:]*)/gm)].map(([, name]) => name),
      [`${stage.cache}.localhost-1`, 'old-1'],
    )
    assert.match(narinfo, /^Deriver: .*-top\.drv$/m)
  })

  it('takes all of a directory, and what is there already is left alone', async () => {
    const command = ['import', stage.cache, `file://${directory}`, '--trusted-public-key', key]
    const imported = await stage.owner.cachix(command)
    assert.equal(imported.status, 0, imported.output)
    assert.match(imported.output, /Pushed 1 path .*3 already there, 0 skipped, 0 failed/)
    const again = await stage.owner.cachix(command)
    assert.match(again.output, /Pushed 0 paths .*4 already there/)
  })

  for (const nix of oldestAndNewestNix) {
    it(`is fetched by Nix ${nix.version}, signatures required`, async () => {
      const reader = await stage.addConfiguredReader(nix)
      await reader.runOk(['nix-store', '--realise', top, big])
      await checkWhole(
        reader,
        new Map([...(await closureHashes(stage.owner, top)), ...(await closureHashes(stage.owner, big))]),
      )
    })
  }

  it('does not take a NAR that is not what its narinfo says, nor what needs it', async () => {
    await stage.owner.cachixOk(['create', 'other'])
    const narinfo = await readFile(join(directory, `${storeHash(big)}.narinfo`), 'utf8')
    const file = join(directory, /^URL: (.*)$/m.exec(narinfo)![1]!)
    const bytes = await readFile(file)
    writeFileSync(file, bytes.subarray(0, bytes.length - 100))
    const command = ['import', 'other', `file://${directory}`, big, '--trusted-public-key', key]
    const cut = await stage.owner.cachix(command)
    assert.equal(cut.status, 1)
    assert.match(cut.output, /cannot be decompressed/)
    assert.match(cut.output, /0 skipped, 1 failed/)
    rmSync(file)
    assert.match((await stage.owner.cachix(command)).output, /cannot be read/)
    writeFileSync(file, bytes)
    await stage.owner.cachixOk(command)
  })

  it('goes on without a path whose narinfo makes no sense, and says so at the end', async () => {
    await stage.owner.cachixOk(['create', 'third'])
    const file = join(directory, `${storeHash(big)}.narinfo`)
    const narinfo = await readFile(file, 'utf8')
    writeFileSync(file, narinfo.replace(/^NarSize: .*$/m, 'NarSize: many'))
    const command = ['import', 'third', `file://${directory}`, '--trusted-public-key', key]
    const imported = await stage.owner.cachix(command)
    writeFileSync(file, narinfo)
    assert.equal(imported.status, 1)
    assert.match(imported.output, new RegExp(`Failed to import ${storeHash(big)}: .*"many" is not a size`))
    assert.match(imported.output, /Pushed 3 paths .*0 already there, 0 skipped, 1 failed/)
    assert.match(await stage.owner.cachixOk(command), /^$/)
  })

  it('is taken from a cache that wants a login, which nothing tells', async () => {
    const { owner, server } = stage
    await owner.cachixOk(['create', 'secrets', '--private'])
    await owner.cachixOk(['push', 'secrets', top])
    await owner.cachixOk(['create', 'copy'])
    const url = server.pathUrl('secrets')
    const keys = await owner.cachixOk(['use', 'secrets', '--print'])
    const [secretsKey = ''] = /secrets\.localhost-1:\S{44}/.exec(keys) ?? []
    const options = [top, '--trusted-public-key', secretsKey]
    const anonymous = await owner.cachix(['import', 'copy', url, ...options])
    assert.equal(anonymous.status, 1)
    assert.match(anonymous.output, /wants a login/)
    const withLogin = url.replace('//', `//me:${server.ownerToken}@`)
    const imported = await owner.cachix(['import', 'copy', withLogin, ...options])
    assert.equal(imported.status, 0, imported.output)
    assert.match(imported.output, /Pushed 3 paths/)
    assert.ok(!imported.output.includes(server.ownerToken))
    writeFileSync(join(owner.home, 'logins'), `machine localhost password ${server.ownerToken}\n`)
    await owner.cachixOk(['create', 'copy-2'])
    await owner.cachixOk(['import', 'copy-2', url, ...options, '--netrc-file', 'logins'])
  })
})
