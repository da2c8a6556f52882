import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hashToken } from '../../../src/services/token-text.ts'
import { dropExpiredTokens } from '../../../src/services/upkeep/drop-expired-tokens.ts'
import { ServiceStage } from '../service-stage.ts'

const day = 24 * 3_600_000

let stage: ServiceStage
before(async () => void (stage = await ServiceStage.open()))
after(() => stage.close())

test('a token is forgotten a month after it expired, one given for an identity after a day', async () => {
  const { id: cacheId, accountId } = await stage.createManaged('mine')
  const token = (text: string, daysAgo: number) => ({
    accountId,
    cacheId,
    kind: 'cache-read' as const,
    hash: hashToken(text),
    description: text,
    expiresAt: Date.now() - daysAgo * day,
  })
  for (const daysAgo of [-1, 29, 31]) await stage.database.tokens.create(token(`made ${daysAgo}`, daysAgo))
  const { id: ruleId } = await stage.database.oidcRules.add({
    cacheId,
    issuer: 'https://issuer.example',
    audience: 'x',
    claims: { sub: 'x' },
    permission: 'Read',
    lifetimeMs: day,
  })
  for (const daysAgo of [0.5, 2]) {
    const exchange = { ruleId, hash: String(daysAgo), expiresAt: 1 }
    await stage.database.oidcRules.exchange(exchange, token(`given ${daysAgo}`, daysAgo))
  }
  assert.equal(await dropExpiredTokens(stage), 2)
  const left = await stage.database.tokens.list({ accountId })
  assert.deepEqual(left.map(({ description }) => description).sort(), ['given 0.5', 'made -1', 'made 29'])
})
