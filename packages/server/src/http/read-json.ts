import type { Readable } from 'node:stream'
import type { z } from 'zod'
import { CacheError } from '../cache-error.ts'

export interface JsonBody<Schema extends z.ZodType> {
  readonly request: Request
  /** Taken only if the request does not say that it is too long. */
  readonly body: () => Readable
  readonly schema: Schema
  /** Bytes. */
  readonly limit: number
}

/** The body of a request as the schema wants it. Throws `too-large`, `bad-request` and `truncated`. */
export async function readJson<Schema extends z.ZodType>(json: JsonBody<Schema>): Promise<z.infer<Schema>> {
  const { request, body, schema, limit } = json
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge(limit)
  const result = schema.safeParse(parse(await readText(body(), limit)))
  if (result.success) return result.data
  throw new CacheError('bad-request', `The request's body is not as expected: ${firstProblem(result.error)}`)
}

async function readText(body: Readable, limit: number): Promise<string> {
  const blocks: Uint8Array[] = []
  let size = 0
  try {
    for await (const block of body as AsyncIterable<Uint8Array>) {
      size += block.length
      if (size > limit) throw tooLarge(limit)
      blocks.push(block)
    }
  } catch (error) {
    if (error instanceof CacheError) throw error
    throw new CacheError('truncated', 'The request broke off before its body was complete.', { cause: error })
  }
  return Buffer.concat(blocks).toString()
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CacheError('bad-request', "The request's body is not JSON.", { cause })
  }
}

function tooLarge(limit: number): CacheError {
  return new CacheError('too-large', `The request's body is larger than the ${limit} bytes taken here.`)
}

function firstProblem({ issues: [issue] }: z.ZodError): string {
  if (issue === undefined) return 'unknown problem'
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`
}
