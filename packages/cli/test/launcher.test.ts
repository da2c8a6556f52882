import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { localCachix } from './local-cachix.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import type { Outcome } from './run-cli.ts'

const launcher = join(import.meta.dirname, '../../../cachix')

interface Run {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
}

async function run({ command, args, cwd, environment = {}, input = '' }: Run): Promise<Outcome> {
  const child = spawn(command, args, { cwd, env: { PATH: process.env['PATH'], HOME: cwd, ...environment } })
  child.stdin.end(input)
  const closed = new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve(status ?? -1))
  })
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { status, stdout, stderr }
}

describe('./cachix', () => {
  for (const runtime of ['bun', 'node']) {
    it(`runs on ${runtime} from anywhere, through links, with input, output and status untouched`, async () => {
      await using directory = await temporaryDirectory()
      await mkdir(directory.at('bin'))
      await symlink(launcher, directory.at('link'))
      await symlink('../link', directory.at('bin', 'cx'))
      const environment = {
        CACHIX_RUNTIME: runtime,
        PATH: `${directory.at('bin')}:${process.env['PATH']}`,
        CACHIX_HOST: 'http://127.0.0.1:1',
      }
      const cwd = directory.path
      const saved = await run({
        command: 'cx',
        args: ['authtoken', '--stdin', '-c', 'c.json'],
        cwd,
        environment,
        input: 'token',
      })
      assert.deepEqual(saved, { status: 0, stdout: `Written to ${directory.at('c.json')}\n`, stderr: '' })
      const failed = await run({ command: 'cx', args: ['create', 'Not A Name'], cwd, environment })
      assert.equal(failed.status, 1)
      assert.match(failed.stderr, /^"Not A Name" is not a cache name/)
    })
  }

  for (const runtime of ['bun', 'node']) {
    it(`goes on when nobody reads its messages, and says when its output is lost, on ${runtime}`, async () => {
      await using service = await localCachix()
      await using directory = await temporaryDirectory()
      const cwd = directory.path
      const environment = {
        CACHIX_RUNTIME: runtime,
        CACHIX_HOST: service.host,
        XDG_CONFIG_HOME: cwd,
        cachix: launcher,
      }
      const sh = (script: string) => run({ command: 'sh', args: ['-c', script], cwd, environment })
      // The reader has left for certain when `wait` returns.
      const unread = await sh(
        'mkfifo messages; : <messages & exec 4>messages; wait; "$cachix" authtoken unknown 2>&4 >&4; echo $?',
      )
      assert.deepEqual(unread, { status: 0, stdout: '0\n', stderr: '' })
      const full = await sh('"$cachix" config get hostname >/dev/full')
      assert.equal(full.status, 1)
      assert.match(full.stderr, /^Cannot write the output: .*no space left.*\.\n$/i)
    })
  }

  it('runs nothing that lies in the current directory', async () => {
    await using directory = await temporaryDirectory()
    await writeFile(directory.at('bunfig.toml'), 'preload = ["./evil.ts"]\n')
    await writeFile(directory.at('evil.ts'), 'console.log("evil")\n')
    await writeFile(directory.at('.env'), 'CACHIX_HOST=http://evil\n')
    const { stdout } = await run({ command: launcher, args: ['--version'], cwd: directory.path })
    assert.match(stdout, /^cachix \d/)
    const { stderr } = await run({ command: launcher, args: ['use', 'c'], cwd: directory.path })
    assert.ok(!stderr.includes('evil'))
  })

  it('says which runtimes there are', async () => {
    const environment = { CACHIX_RUNTIME: 'deno' }
    const { status, stderr } = await run({ command: launcher, args: [], cwd: '/', environment })
    assert.deepEqual([status, stderr], [1, 'CACHIX_RUNTIME is "deno": it must be bun or node.\n'])
  })
})
