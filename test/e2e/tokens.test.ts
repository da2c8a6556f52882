import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { runtime } from '../harness/runtime.ts'
import { anyNix } from '../harness/nix-versions.ts'
import type { NixWorld } from '../harness/nix-world.ts'
import { Stage } from '../harness/stage.ts'
import { build } from '../harness/store-paths.ts'

describe(`tokens, on the command line, ${runtime}`, () => {
  let stage: Stage
  let small: string

  before(async () => {
    stage = await Stage.set(anyNix, { create: ['--private', '--managed-key'] })
    small = await build(stage.owner, 'small')
  })
  after(() => stage[Symbol.asyncDispose]())

  /** A machine that holds a token, made with these options. */
  async function machineWith(options: readonly string[]): Promise<NixWorld> {
    const token = await stage.owner.cachixOk(['token', 'create', '--cache', stage.cache, ...options])
    const machine = stage.addReader()
    await machine.cachixOk(['authtoken', '--stdin'], { input: `${token}\n` })
    return machine
  }

  it('that may write a cache are enough to push, and those that may read it are not', async () => {
    const writer = await machineWith(['--permission', 'write', '--description', 'CI', '--expires', '30d'])
    const path = await build(writer, 'other')
    await writer.cachixOk(['push', stage.cache, path])
    const reader = await machineWith(['--permission', 'read'])
    const refused = await reader.cachix(['push', stage.cache, await build(reader, 'small')])
    assert.equal(refused.status, 1)
    assert.match(refused.output, /may read cache stage, but not push/)
  })

  it('are listed with what they may, without their text', async () => {
    const list = await stage.owner.cachixOk(['token', 'list'])
    assert.match(list, /^ID +MAY +CREATED +EXPIRES +LAST USED +DESCRIPTION\n/)
    assert.match(list, /^\d+ +write stage +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d \d\d:\d\d +\S+ +CI$/m)
    assert.match(list, /everything .* made at the first start/)
    assert.doesNotMatch(list, /cx[a-z]_/)
  })

  it('that were revoked do not push, and reading public caches goes on, with a warning', async () => {
    const machine = await machineWith(['--permission', 'admin', '--description', 'to go'])
    const tokens = JSON.parse(await machine.cachixOk(['token', 'list', '--json'])) as {
      id: number
      description: string
    }[]
    const { id } = tokens.find(({ description }) => description === 'to go')!
    await stage.owner.cachixOk(['token', 'revoke', String(id)])
    const pushed = await machine.cachix(['push', stage.cache, await build(machine, 'small')])
    assert.equal(pushed.status, 1)
    assert.match(pushed.output, /not known to this service/)

    await stage.owner.cachixOk(['create', 'open', '--managed-key'])
    await stage.owner.cachixOk(['push', 'open', small])
    const used = await machine.cachix(['use', 'open', '--mode', 'user-nixconf'])
    assert.equal(used.status, 0, used.output)
    assert.match(used.output, /Warning: The auth token that was sent is not known/)
    await machine.runOk(['nix-store', '--realise', small])
    const refused = await machine.cachix(['push', 'open', small])
    assert.equal(refused.status, 1)
    assert.match(refused.output, /not known/)
  })

  it('tell when what is asked makes no sense', async () => {
    for (const [command, message] of [
      [['token', 'create', '--cache', stage.cache], /needs both --cache NAME and --permission/],
      [['token', 'create', '--expires', 'soon'], /number and a unit/],
      [['token', 'revoke', 'x'], /is not an id/],
      [['token', 'revoke', '999999'], /There is no token 999999/],
      [['oidc', 'add', stage.cache, '--issuer', 'https://x.example', '--claim', 'a'], /CLAIM=PATTERN/],
      [['oidc', 'add', stage.cache, '--issuer', 'https://x.example', '--claim', 'a=b'], /--oidc-issuers/],
      [['oidc', 'add', stage.cache, '--issuer', 'https://gitlab.com'], /needs a claim/],
      [['visibility', stage.cache, 'secret'], /Allowed choices are public, private/],
    ] as const) {
      const { status, output } = await stage.owner.cachix(command)
      assert.notEqual(status, 0)
      assert.match(output, message)
    }
  })

  it('are needed no more when the cache becomes public, and again when it becomes private', async () => {
    await stage.owner.cachixOk(['push', stage.cache, small])
    const reader = stage.addReader()
    assert.equal((await reader.cachix(['use', stage.cache, '--mode', 'user-nixconf'])).status, 1)
    await stage.owner.cachixOk(['visibility', stage.cache, 'public'])
    await reader.cachixOk(['use', stage.cache, '--mode', 'user-nixconf'])
    await reader.runOk(['nix-store', '--realise', small])
    await stage.owner.cachixOk(['visibility', stage.cache, 'private'])
    reader.wipe()
    assert.notEqual((await reader.run(['nix-store', '--realise', small])).status, 0)
  })
})
