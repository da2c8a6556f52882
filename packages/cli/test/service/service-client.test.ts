import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { ServiceClient } from '../../src/service/service-client.ts'
import type { ServiceClientOptions } from '../../src/service/service-client.ts'
import { ServiceError } from '../../src/service/service-error.ts'
import { answer, localService, refuse } from '../local-service.ts'

const user = { username: 'owner', githubUsername: 'owner' }
const retryPolicy = { firstWait: 2, longestWait: 5, budget: 1000 }

function connect(host: string, options: Partial<ServiceClientOptions> = {}): ServiceClient {
  return new ServiceClient({ host, token: 'secret', userAgent: 'cachix test', retryPolicy, ...options })
}

async function failure(promise: Promise<unknown>): Promise<ServiceError> {
  const error: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.ok(error instanceof ServiceError, `expected a ServiceError, got ${String(error)}`)
  return error
}

describe('what is sent', () => {
  it('identifies itself with its token', async () => {
    let headers: IncomingMessage['headers'] = {}
    await using service = await localService((request, response) => {
      ;({ headers } = request)
      answer(response, user)
    })
    assert.deepEqual(await connect(service.host).whoAmI(), user)
    assert.equal(headers.authorization, 'Bearer secret')
    assert.equal(headers['user-agent'], 'cachix test')
  })

  it('sends no authorization when anonymous', async () => {
    let authorization: string | undefined = 'none yet'
    await using service = await localService((request, response) => {
      ;({ authorization } = request.headers)
      answer(response, user)
    })
    await connect(service.host, { token: '' }).whoAmI()
    assert.equal(authorization, undefined)
  })

  it('asks for many missing paths in questions the service accepts', async () => {
    const sizes: number[] = []
    await using service = await localService(async (request, response) => {
      const hashes = JSON.parse((await buffer(request)).toString()) as string[]
      sizes.push(hashes.length)
      answer(response, hashes.slice(0, 1))
    })
    const hashes = Array.from({ length: 70_000 }, (_, index) => String(index).padStart(32, '0'))
    const missing = await connect(service.host).findMissing('c', hashes)
    assert.deepEqual(sizes, [32_768, 32_768, 4464])
    assert.deepEqual([...missing], [hashes[0], hashes[32_768], hashes[65_536]])
  })

  it('sends the parts of a bundle, and sends them again for another attempt', async () => {
    const parts = Array.from({ length: 100 }, (_, i) => new Uint8Array(64 * 1024).fill(i))
    let received: Buffer | undefined
    await using service = await localService(async (request, response, count) => {
      if (count === 1) {
        request.once('data', () => request.socket.destroy())
        return
      }
      assert.equal(request.headers['content-length'], String(100 * 64 * 1024))
      received = await buffer(request)
      answer(response, { stored: 100, known: 0 })
    })
    const receipt = await connect(service.host).sendBundle('c', parts)
    assert.deepEqual(receipt, { stored: 100, known: 0 })
    assert.ok(received?.equals(Buffer.concat(parts)))
    assert.deepEqual(service.asked, ['POST /api/v1/cache/c/bundles', 'POST /api/v1/cache/c/bundles'])
  })

  it('reads a refusal that comes before the body is sent', async () => {
    await using service = await localService((_, response) =>
      refuse(response, 401, 'You may not write to c.'),
    )
    const parts = Array.from({ length: 1000 }, () => new Uint8Array(64 * 1024))
    const error = await failure(connect(service.host).sendBundle('c', parts))
    assert.equal(error.message, 'You may not write to c.')
    assert.equal(error.status, 401)
  })
})

describe('another attempt', () => {
  it('is made after server errors, lost connections and truncated answers', async () => {
    await using service = await localService((request, response, count) => {
      if (count === 1) refuse(response, 503, 'starting')
      else if (count === 2) request.socket.destroy()
      else if (count === 3) {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 })
        response.write('{"username"', () => request.socket.destroy())
      } else answer(response, user)
    })
    const attempts: number[] = []
    const client = connect(service.host, { onRetry: (attempt) => attempts.push(attempt) })
    assert.deepEqual(await client.whoAmI(), user)
    assert.deepEqual(attempts, [1, 2, 3])
  })

  it('waits as long as Retry-After asks', async () => {
    await using service = await localService((_, response, count) => {
      if (count > 1) return answer(response, user)
      response.writeHead(429, { 'retry-after': '1' }).end('slow down')
    })
    const start = performance.now()
    await connect(service.host, { retryPolicy: { ...retryPolicy, budget: 5000 } }).whoAmI()
    assert.ok(performance.now() - start >= 990)
  })

  it('is not made for a refusal, a missing feature or a full disk', async () => {
    for (const status of [400, 401, 404, 409, 501, 507]) {
      await using service = await localService((_, response) => refuse(response, status, 'No.'))
      const error = await failure(connect(service.host).whoAmI())
      assert.equal(error.message, 'No.')
      assert.equal(error.status, status)
      assert.equal(service.asked.length, 1)
    }
  })

  it('is not made for ever', async () => {
    await using service = await localService((_, response) => refuse(response, 500, 'Something went wrong.'))
    const error = await failure(
      connect(service.host, { retryPolicy: { firstWait: 10, longestWait: 10, budget: 30 } }).whoAmI(),
    )
    assert.equal(error.status, 500)
    assert.ok(service.asked.length > 1)
  })

  it('is not waited for after an interrupt', async () => {
    const abort = new AbortController()
    await using service = await localService((_, response) => refuse(response, 503, 'busy'))
    const slow = { firstWait: 60_000, longestWait: 60_000, budget: 1e9 }
    const client = connect(service.host, { retryPolicy: slow, onRetry: () => abort.abort() })
    await assert.rejects(client.whoAmI(abort.signal), { name: 'AbortError' })
  })
})

describe('what the user is told', () => {
  it('is that nothing listens there, at once', async () => {
    const service = await localService(() => undefined)
    await service[Symbol.asyncDispose]()
    const client = connect(service.host, {
      retryPolicy: { firstWait: 60_000, longestWait: 60_000, budget: 1e9 },
    })
    const error = await failure(client.whoAmI())
    assert.match(error.message, /^Cannot reach http:\/\/127\.0\.0\.1:\d+: nothing listens there\. /)
    assert.equal(client.connected, false)
  })

  it('is that there is no such host', async () => {
    const error = await failure(connect('http://cachix.invalid').whoAmI())
    assert.match(error.message, /^Cannot reach http:\/\/cachix\.invalid: /)
  })

  it('is the status where a proxy answers with a page', async () => {
    await using service = await localService((_, response) => {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>nginx</h1>')
    })
    const error = await failure(connect(service.host).whoAmI())
    assert.equal(error.message, `${service.host} answered 404 Not Found.`)
  })

  it('is where a redirect leads', async () => {
    await using service = await localService((_, response) => {
      response.writeHead(301, { location: 'https://cachix.example/' }).end()
    })
    const error = await failure(connect(service.host).whoAmI())
    assert.match(error.message, /redirects to https:\/\/cachix\.example\//)
  })

  it('is that this is no Cachix service', async () => {
    await using service = await localService((_, response) => {
      response.end('Welcome to my blog')
    })
    const error = await failure(connect(service.host).whoAmI())
    assert.match(error.message, /answers, but not as a Cachix service does/)
  })

  it('cannot steer the terminal', async () => {
    await using service = await localService((_, response) =>
      refuse(response, 401, 'No\u001B[2J\u009B entry.\nSorry.'),
    )
    const error = await failure(connect(service.host).whoAmI())
    assert.equal(error.message, 'No[2J entry.\nSorry.')
  })

  it('is a warning of the service, once', async () => {
    await using service = await localService((_, response) => {
      response.setHeader('x-cachix-warning', 'The token has expired.')
      answer(response, user)
    })
    const warnings: string[] = []
    const client = connect(service.host, { onWarning: (warning) => warnings.push(warning) })
    await client.whoAmI()
    await client.whoAmI()
    assert.deepEqual(warnings, ['The token has expired.'])
  })
})
