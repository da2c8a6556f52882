import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { runtime } from '../harness/runtime.ts'
import { MeddlingProxy } from '../harness/meddling-proxy.ts'
import { nixVersions } from '../harness/nix-versions.ts'
import { PlainNix } from '../harness/plain-nix.ts'
import { Stage } from '../harness/stage.ts'
import { checkWhole, closureHashes, storeHash } from '../harness/store-paths.ts'

const buildId = 'abcdef0123456789abcdef0123456789abcdef01'

for (const nix of nixVersions) {
  const [, minor = 0] = nix.version.split('.').map(Number)
  describe(`what else nix copy sends, Nix ${nix.version}, ${runtime}`, () => {
    let stage: Stage
    let plain: PlainNix
    let cache: string

    before(async () => {
      stage = await Stage.set(nix)
      plain = new PlainNix(stage)
      cache = stage.server.pathUrl(stage.cache)
    })
    after(() => stage[Symbol.asyncDispose]())

    async function text(path: string): Promise<string> {
      const response = await fetch(`${cache}/${path}`)
      const body = await response.text()
      assert.equal(response.status, 200, `${path}: ${body}`)
      return body
    }

    it('write-nar-listing and index-debug-info are taken; listing, debugging information and files are served', async () => {
      const path = await plain.build('extras')
      await plain.push([path], '&write-nar-listing=1&index-debug-info=1')
      const listing = JSON.parse(await text(`${storeHash(path)}.ls`)) as { root: { entries: object } }
      assert.deepEqual(Object.keys(listing.root.entries), ['dependency', 'lib', 'link', 'numbers', 'outside'])
      const info = JSON.parse(await text(`debuginfo/${buildId}.debug`)) as { archive: string; member: string }
      assert.equal(await text(`serve/${storeHash(path)}/${info.member}`), 'extras\n')
      assert.equal((await fetch(`${cache}/debuginfo/${info.archive}`)).status, 200)
      assert.match(await text(`serve/${storeHash(path)}/link`), /^1\n2\n[^]*\n1000\n$/)
      const outside = await fetch(`${cache}/serve/${storeHash(path)}/outside`)
      assert.deepEqual([outside.status, /leads out of/.test(await outside.text())], [404, true])
    })

    it('nix log shows what nix store copy-log sent', async () => {
      const path = await plain.build('logged?')
      await plain.push([path])
      await plain.runOk(['store', 'copy-log', '--to', plain.url, path])
      await plain.world.runOk(['rm', '-rf', '/nix/var/log/nix'])
      const shown = await plain.world.runOk([
        'nix',
        'log',
        '--option',
        'substituters',
        cache,
        await deriverOf(path),
      ])
      assert.match(shown, /building logged/)
    })

    it('nix store sign adds nothing that the cache does not trust, and breaks nothing', async () => {
      const path = await plain.build('signed')
      await plain.push([path])
      const key = `${plain.world.home}/other-key`
      await plain.world.runOk(['nix-store', '--generate-binary-cache-key', 'other-1', key, `${key}.pub`])
      await plain.runOk(['store', 'sign', '--store', plain.url, '--key-file', key, path])
      const narinfo = await text(`${storeHash(path)}.narinfo`)
      assert.match(narinfo, /^Sig: stage\.localhost-1:/m)
      assert.doesNotMatch(narinfo, /^Sig: other-1:/m)
    })

    it('an unsigned path is refused with a sentence that says how to sign; a content-addressed one needs no signature', async () => {
      const path = await plain.build('unsigned')
      const unsigned = stage.server.hostUrl(stage.cache)
      const pushed = await plain.run(['copy', '--to', unsigned, path])
      assert.notEqual(pushed.status, 0)
      assert.match(pushed.output, /secret-key=FILE/)
      const source = await plain.world.runOk(['sh', '-c', 'echo source > source; nix-store --add source'])
      await plain.runOk(['copy', '--to', unsigned, source])
      const reader = await stage.addConfiguredReader()
      await reader.runOk(['nix-store', '--realise', source])
    })

    it('a client that remembers the narinfo it sent fetches the file it sent', async () => {
      const path = await plain.build('remembered')
      await plain.push([path])
      await plain.world.runOk(['nix-store', '--delete', path])
      await using proxy = await MeddlingProxy.start(stage.server.port, {})
      const options = ['--option', 'substituters', stage.server.hostUrl(stage.cache)]
      const trusted = ['--option', 'require-sigs', 'false']
      const fetched = await plain.world.run(['nix-store', '--realise', path, ...options, ...trusted], {
        environment: { http_proxy: proxy.url },
      })
      assert.equal(fetched.status, 0, fetched.output)
      const files = proxy.exchanges.filter((exchange) => exchange.path.includes('/nar/'))
      assert.match(files.map((exchange) => exchange.path).join(), /\.nar\.xz/)
      assert.doesNotMatch(
        proxy.exchanges.map((exchange) => exchange.path).join(),
        new RegExp(storeHash(path)),
      )
    })

    it('a push that is cut leaves nothing half-done, and succeeds when it is repeated', async () => {
      const path = await plain.build('cut')
      let cuts = 0
      await using proxy = await MeddlingProxy.start(stage.server.port, {
        upload: ({ path }) => {
          if (!path.includes('/nar/') || cuts++ > 0) return
          throw new Error('cut')
        },
      })
      const url = plain.url.replace(stage.server.hostUrl(stage.cache), `${proxy.url}/${stage.cache}`)
      await plain.world.run(['timeout', '10', 'nix', 'copy', '--to', url, path])
      assert.equal((await fetch(`${cache}/${storeHash(path)}.narinfo`)).status, 404)
      await plain.push([path])
      const reader = await stage.addConfiguredReader()
      await reader.runOk(['nix-store', '--realise', path])
      await checkWhole(reader, await closureHashes(plain.world, path))
    })

    it('narinfo-compression is decoded', { skip: minor < 32 }, async () => {
      const path = await plain.build('encoded')
      await plain.push(
        [path],
        '&narinfo-compression=gzip&ls-compression=xz&log-compression=bzip2&write-nar-listing=1',
      )
      assert.match(await text(`${storeHash(path)}.narinfo`), /^StorePath: /)
    })

    function deriverOf(path: string): Promise<string> {
      return plain.world.runOk(['nix-store', '--query', '--deriver', path])
    }
  })
}
