import { createWriteStream } from 'node:fs'
import { posix } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { GetObjectCommand, NoSuchKey, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'
import { CliError } from '../cli-error.ts'
import { storeHashOfFile, type CacheSource } from './cache-source.ts'
import { readText } from './read-text.ts'

/**
 * A cache in a bucket: `s3://BUCKET?endpoint=URL&region=REGION&profile=NAME`. Credentials are looked for where the AWS
 * tools look; with `anonymous=1` there are none.
 */
export function openS3Source(url: URL): CacheSource {
  const client = openClient(url.searchParams)
  const bucket = url.hostname
  const prefix = url.pathname.replace(/^\/+/, '').replace(/([^/])\/*$/, '$1/')

  async function get(key: string, signal: AbortSignal): Promise<Found | undefined> {
    try {
      const command = new GetObjectCommand({ Bucket: bucket, Key: prefix + key })
      const { Body, ContentEncoding } = await client.send(command, { abortSignal: signal })
      return Body && { body: Body as Readable, encoding: ContentEncoding }
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined
      throw explain(`${bucket}/${prefix}${key}`, error, signal)
    }
  }

  return {
    name: `s3://${bucket}${url.pathname}`.replace(/\/$/, ''),

    async readText(name, signal) {
      const found = await get(name, signal)
      return found && readText({ ...found, name: `${bucket}/${prefix}${name}` })
    },

    async fetchNar(narUrl, target, signal) {
      const key = posix.normalize(narUrl)
      const found = await get(key, signal)
      if (found === undefined) throw new CliError('source', `There is no ${key} in bucket ${bucket}.`)
      await pipeline(found.body, createWriteStream(target), { signal })
      return target
    },

    async list(signal) {
      const query = { Bucket: bucket, Prefix: prefix, Delimiter: '/' }
      const found: string[] = []
      try {
        for await (const page of paginateListObjectsV2({ client }, query, { abortSignal: signal })) {
          const names = (page.Contents ?? []).map(({ Key = '' }) => Key.slice(prefix.length))
          found.push(...names.flatMap(storeHashOfFile))
        }
      } catch (error) {
        throw explain(bucket, error, signal)
      }
      return found
    },
  }
}

interface Found {
  readonly body: Readable
  readonly encoding: string | undefined
}

function openClient(parameters: URLSearchParams): S3Client {
  const endpoint = parameters.get('endpoint')
  const profile = parameters.get('profile')
  return new S3Client({
    region: parameters.get('region') ?? process.env['AWS_REGION'] ?? 'us-east-1',
    // Other stores than Amazon's are reached by path, and do not know its newer checksums.
    ...(endpoint !== null && { endpoint: withScheme(endpoint, parameters), forcePathStyle: true }),
    ...(profile !== null && { profile }),
    ...(parameters.get('anonymous') === '1' && {
      signer: { sign: async (request: object) => request } as never,
      credentials: { accessKeyId: '', secretAccessKey: '' },
    }),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
}

function withScheme(endpoint: string, parameters: URLSearchParams): string {
  return endpoint.includes('://') ? endpoint : `${parameters.get('scheme') ?? 'https'}://${endpoint}`
}

function explain(what: string, cause: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause)
  return new CliError('source', `${what} cannot be read: ${reason}`, { cause })
}
