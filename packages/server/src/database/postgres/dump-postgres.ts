import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { rename, rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { CacheError } from '../../cache-error.ts'

const run = promisify(execFile)
const name = 'cachix.pgdump'

/** Has `pg_dump` write the file `cachix.pgdump`, for `pg_restore`, into the directory. */
export async function dumpPostgres(url: string, directory: string): Promise<string> {
  const draft = join(directory, `${name}.new`)
  const { target, password } = splitPassword(url)
  // Not among the arguments, which every user of the machine can see.
  const environment = password === '' ? process.env : { ...process.env, PGPASSWORD: password }
  try {
    await run('pg_dump', ['--format=custom', '--file', draft, '--dbname', target], { env: environment })
    await rename(draft, join(directory, name))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.trim() : 'unknown error'
    throw new CacheError(
      'unavailable',
      `The database was not copied. pg_dump, which does it, said: ${reason}`,
      {
        cause,
      },
    )
  } finally {
    await rm(draft, { force: true })
  }
  return name
}

function splitPassword(url: string): { target: string; password: string } {
  const withoutPassword = /^(\w+:\/\/[^:@/]*):([^@/]*)@/.exec(url)
  if (withoutPassword === null) return { target: url, password: '' }
  const [matched, start = '', password = ''] = withoutPassword
  return { target: `${start}@${url.slice(matched.length)}`, password: decodeURIComponent(password) }
}
