import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { mkdir, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { openSource } from '../../src/import/open-source.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { localService } from '../local-service.ts'

const secret = 'p:ss wörd/@'
const expected = `Basic ${Buffer.from(`me:${secret}`).toString('base64')}`
const { signal } = new AbortController()

/** Says who asked. */
async function guarded(redirectTo?: string) {
  return localService(({ url, headers }, response) => {
    if (headers.authorization !== expected) response.writeHead(401).end('who?')
    else if (url === '/elsewhere' && redirectTo) response.writeHead(302, { location: redirectTo }).end()
    else response.end('a narinfo')
  })
}

/** Where nothing is found: no Nix, no netrc. */
function nowhere(directory: string) {
  return { NIX_CONF_DIR: directory, HOME: directory, XDG_CONFIG_HOME: directory }
}

describe('a web server that wants a login', () => {
  it('is told the one in the URL, which is not told to anybody else', async () => {
    await using directory = await temporaryDirectory()
    await using service = await guarded()
    const withLogin = service.host.replace('//', `//me:${encodeURIComponent(secret)}@`)
    const source = await openSource(withLogin, { environment: nowhere(directory.path) })
    assert.equal(await source.readText('x.narinfo', signal), 'a narinfo')
    assert.equal(source.name, service.host)
  })

  it("is told the one in Nix's netrc, or in the file that is named", async () => {
    await using directory = await temporaryDirectory()
    await using service = await guarded()
    const quoted = JSON.stringify(secret)
    await mkdir(directory.at('etc'))
    await writeFile(
      directory.at('etc', 'netrc'),
      `machine other login a password b\nmachine 127.0.0.1\n login me password ${quoted}\n`,
    )
    await writeFile(directory.at('mine'), `default login me password ${quoted}\n`)
    const none = { environment: nowhere(directory.path) }
    const ofNix = { environment: { ...nowhere(directory.path), NIX_CONF_DIR: `${directory.path}/etc` } }
    for (const places of [ofNix, { ...none, netrcFile: `${directory.path}/mine` }]) {
      const source = await openSource(service.host, places)
      assert.equal(await source.readText('x.narinfo', signal), 'a narinfo')
    }
    const source = await openSource(service.host, none)
    await assert.rejects(source.readText('x.narinfo', signal), /x\.narinfo wants a login: .*netrc/)
    await assert.rejects(
      openSource(service.host, { ...none, netrcFile: '/nowhere/netrc' }),
      /no \/nowhere\/netrc/,
    )
  })

  it('is told plainly when the login is wrong, without the login', async () => {
    await using directory = await temporaryDirectory()
    await using service = await guarded()
    const source = await openSource(service.host.replace('//', '//me:wrong-one@'), {
      environment: nowhere(directory.path),
    })
    await assert.rejects(source.readText('x.narinfo', signal), (error: Error) => {
      assert.match(error.message, /does not take the login/)
      assert.doesNotMatch(error.message, /wrong-one/)
      return true
    })
  })

  it('keeps the login to itself when a narinfo or a redirection leads elsewhere', async () => {
    await using directory = await temporaryDirectory()
    const authorizations: (string | undefined)[] = []
    await using other = await localService(({ headers }, response) => {
      authorizations.push(headers.authorization)
      response.end('a NAR')
    })
    await using service = await guarded(other.host)
    const url = service.host.replace('//', `//me:${encodeURIComponent(secret)}@`)
    const source = await openSource(url, { environment: nowhere(directory.path) })
    const target = `${directory.path}/nar`
    await source.fetchNar('elsewhere', target, signal)
    await source.fetchNar(`${other.host.replace('//', '//some:body@')}/x.nar`, target, signal)
    assert.deepEqual(authorizations, [undefined, undefined])
  })

  it('is not repeated where the address makes no sense', async () => {
    await assert.rejects(openSource('ftp://me:hidden@host', { environment: {} }), (error: Error) => {
      assert.doesNotMatch(error.message, /hidden/)
      return true
    })
  })
})

describe('a web server whose narinfos are compressed', () => {
  it('is understood', async () => {
    const text = 'StorePath: /nix/store/x\n'
    const xz =
      '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAXU3RvcmVQYXRoOiAvbml4L3N0b3JlL3gKABmrOMpyeLiJAAEwGI4brOwftvN9AQAAAAAEWVo='
    const bodies = new Map([
      ['/gzip', gzipSync(text)],
      ['/xz', Buffer.from(xz, 'base64')],
    ])
    await using service = await localService(({ url = '' }, response) => {
      response.writeHead(200, { 'content-encoding': url.slice(1) }).end(bodies.get(url))
    })
    const source = await openSource(service.host, { environment: {} })
    for (const name of ['gzip', 'xz']) assert.equal(await source.readText(name, signal), text)
  })
})

describe('a web server that cannot be reached', () => {
  it('is not waited for where nothing has ever listened', async () => {
    const service = await localService((_, response) => void response.end())
    await service[Symbol.asyncDispose]()
    const source = await openSource(service.host, { environment: {} })
    await assert.rejects(
      source.readText('nix-cache-info', signal),
      /cannot be reached: nothing listens there\.$/,
    )
  })

  it('is asked again when it fails for a moment, and the user is told', async () => {
    const told: string[] = []
    const onRetry = ({ message }: Error) => void told.push(message)
    await using service = await localService((_, response, count) => {
      response.writeHead(count === 1 ? 503 : 200).end('a narinfo')
    })
    const source = await openSource(service.host, { environment: {}, onRetry })
    assert.equal(await source.readText('x.narinfo', signal), 'a narinfo')
    assert.deepEqual(told, [`${service.host}/x.narinfo answered 503.`])
  })
})
