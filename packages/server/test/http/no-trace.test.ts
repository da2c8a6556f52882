import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { everyQuestion } from './every-answer.ts'
import { helloNar, HttpStage, samplePath } from './http-stage.ts'
import type { Answer } from './http-stage.ts'

/** Of one length, so that answers that name them are too. */
const [secret, absent, public_] = ['secret', 'absent', 'public']
let stage: HttpStage
let narName: string
before(async () => {
  stage = await HttpStage.open()
  await stage.create(public_)
  await stage.create(secret, false)
  await stage.push(secret, samplePath, helloNar)
  narName = await narNameOf(secret)
  await stage.addToken('expired', { isExpired: true })
  await stage.addStranger('stranger')
})
after(() => stage.close())

const visitors: Record<string, () => Promise<Record<string, string>>> = {
  nobody: async () => ({}),
  'an empty token': async () => bearer(''),
  'an unknown token': async () => bearer('nonsense'),
  'an unknown password': async () => basic('', 'nonsense'),
  'an expired token': async () => bearer('expired'),
  "another account's token": async () => bearer('stranger'),
  "another account's token as a password": async () => basic('whoever', 'stranger'),
  'a token that reads another cache of the owner': () => tokenFor('Read'),
  'a token that writes another cache of the owner': () => tokenFor('Write'),
  'a token that administrates another cache of the owner': () => tokenFor('Admin'),
}

for (const [who, headersOf] of Object.entries(visitors)) {
  test(`${who} gets the same answers about a private cache as about none, byte for byte`, async () => {
    const headers = await headersOf()
    const ofNothing = everyQuestion(absent, narName)
    for (const [index, question] of everyQuestion(secret, narName).entries()) {
      const there = await stage.ask({ ...question, headers: { ...question.headers, ...headers } })
      const nothing = ofNothing[index]!
      const nowhere = await stage.ask({ ...nothing, headers: { ...nothing.headers, ...headers } })
      const { method = 'GET', host = '', path } = question
      assert.deepEqual(visible(there, secret), visible(nowhere, absent), `${method} ${host}${path}`)
      assert.ok(there.status < 500, `${method} ${host}${path}: ${there.text}`)
    }
  })
}

test('whoever may read it gets it', async () => {
  const headers = bearer(stage.token)
  for (const page of ['nix-cache-info', `${samplePath.hash}.narinfo`, `nar/${narName}`]) {
    assert.equal((await stage.ask({ path: `/${secret}/${page}`, headers })).status, 200)
  }
})

/** Everything of an answer that could differ. */
function visible({ lines, text }: Answer, name: string): unknown {
  return [...lines, text].map((line) => line.replaceAll(name, 'NAME'))
}

async function narNameOf(cache: string): Promise<string> {
  const path = `/${cache}/${samplePath.hash}.narinfo`
  const { text } = await stage.ask({ path, headers: bearer(stage.token) })
  return /^URL: nar\/(.+)$/m.exec(text)![1]!
}

async function tokenFor(permission: string): Promise<Record<string, string>> {
  const { text } = await stage.post('/token', { cache: public_, permission })
  return bearer((JSON.parse(text) as { token: string }).token)
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}

function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}
