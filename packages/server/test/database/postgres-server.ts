import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access, chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Client } from 'pg'

const run = promisify(execFile)

/** A real PostgreSQL server of its own, on a Unix socket in a temporary directory. */
export interface PostgresServer {
  /** Gives the URL of an empty database. */
  readonly createDatabase: () => Promise<string>
  /** Takes back a database nobody is connected to any more, for `createDatabase` to give again. */
  readonly recycleDatabase: (url: string) => Promise<void>
  /** Stops the server and removes all of it. */
  readonly stop: () => Promise<void>
}

export const noPostgresServer =
  'no PostgreSQL server programs (initdb, postgres) on this machine: install the package postgresql'

/** The directory of `initdb` and `postgres`: Debian keeps them off the PATH. Undefined when there is none. */
export async function findPostgresPrograms(): Promise<string | undefined> {
  const configured = await run('pg_config', ['--bindir']).then(
    ({ stdout }) => [stdout.trim()],
    () => [],
  )
  const debian = '/usr/lib/postgresql'
  const versions = (await readdir(debian).catch(() => [])).toSorted((a, b) => Number(b) - Number(a))
  const onPath = (process.env['PATH'] ?? '').split(delimiter)
  const candidates = [...configured, ...versions.map((version) => join(debian, version, 'bin')), ...onPath]
  for (const directory of candidates) {
    const programs = ['initdb', 'postgres'].map((program) => access(join(directory, program)))
    if ((await Promise.allSettled(programs)).every(({ status }) => status === 'fulfilled')) return directory
  }
  return undefined
}

/** Starts a server with the programs in a directory. PostgreSQL refuses to run as root: root becomes another user. */
export async function startPostgresServer(programs: string): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), 'postgres-'))
  try {
    const asUser = await unprivileged(directory)
    const data = join(directory, 'data')
    const initdb = [
      join(programs, 'initdb'),
      '-D',
      data,
      '-U',
      'cachix',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--no-sync',
    ]
    await run(...command([...asUser, ...initdb, '--locale=C']), { cwd: directory })
    const settings = [
      '-c',
      'listen_addresses=',
      '-c',
      'fsync=off',
      '-c',
      'full_page_writes=off',
      '-c',
      'autovacuum=off',
      '-c',
      'lc_messages=C',
    ]
    const postgres = [join(programs, 'postgres'), '-D', data, '-k', directory, ...settings]
    const server = await launch([...asUser, ...postgres], directory)
    return handle(server, directory)
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  }
}

/** What to put before a command line so that it runs unprivileged and may write to the directory. */
async function unprivileged(directory: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return []
  const { uid, gid } = await idsOf('postgres').catch(() => idsOf('nobody'))
  await chown(directory, uid, gid)
  // The server must not outlive a test process that was killed.
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--pdeathsig=INT', '--']
}

async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])])
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
}

function command([program, ...parameters]: string[]): [string, string[]] {
  return [program!, parameters]
}

/** Resolves when the server accepts connections, which it says on standard error. */
async function launch(commandLine: string[], directory: string): Promise<ChildProcess> {
  const server = spawn(...command(commandLine), { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] })
  const said: string[] = []
  for await (const line of createInterface({ input: server.stderr })) {
    said.push(line)
    if (line.includes('database system is ready to accept connections')) {
      server.stderr.resume()
      return server
    }
  }
  throw new Error(`PostgreSQL did not start:\n${said.join('\n')}`)
}

function handle(server: ChildProcess, directory: string): PostgresServer {
  const urlOf = (name: string) => `postgresql://cachix@${encodeURIComponent(directory)}/${name}`
  const empty: string[] = []
  let created = 0

  return {
    async createDatabase() {
      const recycled = empty.pop()
      if (recycled !== undefined) return recycled
      const name = `test_${++created}`
      await execute(urlOf('postgres'), `create database ${name}`)
      return urlOf(name)
    },
    async recycleDatabase(url) {
      await execute(url, 'drop schema public cascade; create schema public')
      empty.push(url)
    },
    async stop() {
      const exited = once(server, 'exit')
      server.kill('SIGINT')
      await exited
      await rm(directory, { recursive: true })
    },
  }
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
