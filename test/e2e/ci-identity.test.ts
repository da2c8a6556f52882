import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { LocalIssuer } from '../../packages/server/test/services/oidc/local-issuer.ts'
import { runtime } from '../harness/runtime.ts'
import { anyNix } from '../harness/nix-versions.ts'
import { Stage } from '../harness/stage.ts'
import { build } from '../harness/store-paths.ts'

describe(`a CI job without a secret, ${runtime}`, () => {
  let stage: Stage
  let issuer: LocalIssuer
  const claims = { repository: 'me/project', ref: 'refs/heads/main' }

  before(async () => {
    issuer = await LocalIssuer.start()
    const environment = { CACHIX_SERVE_OIDC_ISSUERS: issuer.url }
    stage = await Stage.set(anyNix, { server: { environment }, create: ['--private', '--managed-key'] })
    const rule = ['--issuer', issuer.url, '--claim', 'repository=me/*', '--claim', 'ref=refs/heads/main']
    await stage.owner.cachixOk(['oidc', 'add', stage.cache, ...rule])
  })
  after(async () => {
    await issuer[Symbol.asyncDispose]()
    await stage[Symbol.asyncDispose]()
  })

  it('pushes with the identity GitHub Actions gives it', async () => {
    await using github = await startGithub((aud) => issuer.sign({ ...claims, aud }))
    const job = stage.addReader()
    const environment = {
      GITHUB_ACTIONS: 'true',
      ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of the job',
    }
    const said = await job.cachixOk(['authtoken', '--oidc', stage.cache], { environment })
    assert.match(said, /a token that may push to stage until \d{4}-/)
    await job.cachixOk(['push', stage.cache, await build(job, 'small')])
    assert.deepEqual(github.asked, [`Bearer of the job ${stage.server.url}`])
  })

  it('pushes with the identity GitLab puts into a variable, and from a file', async () => {
    const aud = stage.server.url
    const job = stage.addReader()
    const environment = { GITLAB_CI: 'true', CACHIX_OIDC_TOKEN: await issuer.sign({ ...claims, aud, n: 1 }) }
    await job.cachixOk(['authtoken', '--oidc', stage.cache], { environment })
    await job.cachixOk(['push', stage.cache, await build(job, 'small')])

    const file = join(job.home, 'identity')
    writeFileSync(file, `${await issuer.sign({ ...claims, aud, n: 2 })}\n`)
    await job.cachixOk(['authtoken', '--oidc', stage.cache, '--oidc-token-file', file])
  })

  it('is refused from another branch, with what it said of itself', async () => {
    const identity = await issuer.sign({ ...claims, ref: 'refs/heads/evil', aud: stage.server.url })
    const job = stage.addReader()
    const refused = await job.cachix(['authtoken', '--oidc', stage.cache], {
      environment: { CACHIX_OIDC_TOKEN: identity },
    })
    assert.equal(refused.status, 1)
    assert.match(refused.output, /does not trust this identity: OIDC repo:me\/project, for http/)
    assert.ok(!stage.server.output.includes(identity))
  })

  it('without an identity is told how to get one', async () => {
    for (const [environment, advice] of [
      [{ GITHUB_ACTIONS: 'true' }, /id-token: write/],
      [{ GITLAB_CI: 'true' }, /id_tokens/],
      [{}, /--oidc-token-file/],
    ] as const) {
      const job = await stage.addReader().cachix(['authtoken', '--oidc', stage.cache], { environment })
      assert.equal(job.status, 1)
      assert.match(job.output, advice)
    }
  })

  it('is trusted no longer once the rule is removed', async () => {
    const job = stage.addReader()
    const environment = { CACHIX_OIDC_TOKEN: await issuer.sign({ ...claims, aud: stage.server.url, n: 3 }) }
    await job.cachixOk(['authtoken', '--oidc', stage.cache], { environment })
    const list = await stage.owner.cachixOk(['oidc', 'list', stage.cache])
    const [, id = ''] = /^(\d+) +write +60 min .* repository=me\/\* ref=refs\/heads\/main$/m.exec(list) ?? []
    await stage.owner.cachixOk(['oidc', 'remove', stage.cache, id])
    assert.match((await stage.owner.cachix(['oidc', 'list', stage.cache])).output, /trusts nobody's jobs/)
    const path = await build(job, 'other')
    assert.equal((await job.cachix(['push', stage.cache, path])).status, 1)
  })
})

/** What GitHub runs beside its jobs. */
async function startGithub(sign: (audience: string) => Promise<string>) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const audience = new URL(request.url ?? '', 'http://localhost').searchParams.get('audience') ?? ''
    asked.push(`${request.headers.authorization} ${audience}`)
    void sign(audience).then((value) => response.end(JSON.stringify({ value })))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
