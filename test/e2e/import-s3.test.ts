import assert from 'node:assert/strict'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { freePort } from '../harness/free-port.ts'
import { anyNix, oldestAndNewestNix } from '../harness/nix-versions.ts'
import { killAtExit } from '../harness/run.ts'
import { runtime } from '../harness/runtime.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes } from '../harness/store-paths.ts'
import { waitFor } from '../harness/wait-for.ts'

const program = installS3Server()

/** A real S3 server, where there is Go to build it with; kept for the next time. */
function installS3Server(): string | undefined {
  const folder = join(homedir(), '.cache', 'cachix-tests', 'gofakes3-1.2.0')
  const installed = join(folder, 'gofakes3')
  try {
    if (!existsSync(installed)) {
      const environment = { ...process.env, GOBIN: folder }
      execFileSync('go', ['install', 'github.com/johannesboyne/gofakes3/cmd/gofakes3@v1.2.0'], {
        env: environment,
        timeout: 240_000,
        stdio: 'pipe',
      })
    }
    return installed
  } catch {
    return undefined
  }
}

const credentials = { accessKeyId: 'test', secretAccessKey: 'secret' }
const skip = program === undefined ? 'there is no Go here to build an S3 server with' : false

describe(`a bucket is imported, ${runtime}`, { skip }, () => {
  let stage: Stage
  let s3: ChildProcess
  let top: string
  let key: string
  let endpoint: string

  before(async () => {
    stage = await Stage.set(anyNix)
    const { owner } = stage
    top = await build(owner, 'top')
    const directory = join(owner.home, 'old-cache')
    await owner.runOk(['nix-store', '--generate-binary-cache-key', 'old-1', 'secret', 'public'])
    key = await readFile(join(owner.home, 'public'), 'utf8')
    const to = `file://${directory}?compression=zstd&secret-key=${join(owner.home, 'secret')}`
    await owner.runOk(['nix', 'copy', '--to', to, top])
    const port = await freePort()
    endpoint = `http://127.0.0.1:${port}`
    s3 = spawn(program!, ['-backend', 'memory', '-host', `127.0.0.1:${port}`], { stdio: 'ignore' })
    killAtExit(s3)
    await waitFor('the S3 server', () =>
      fetch(endpoint).then(
        () => true,
        () => false,
      ),
    )
    const client = new S3Client({ region: 'us-east-1', endpoint, forcePathStyle: true, credentials })
    await client.send(new CreateBucketCommand({ Bucket: 'nix-cache' }))
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      const Key = path.slice(directory.length + 1)
      const bytes = await readFile(path)
      // As Nix does with `narinfo-compression=zstd`.
      const encoded = Key.endsWith('.narinfo') && { ContentEncoding: 'zstd', Body: zstdCompressSync(bytes) }
      await client.send(new PutObjectCommand({ Bucket: 'nix-cache', Key, Body: bytes, ...encoded }))
    }
  })
  after(async () => {
    s3.kill()
    await stage[Symbol.asyncDispose]()
  })

  it('is listed, copied whatever its narinfos are encoded in, and fetched with signatures required', async () => {
    const source = `s3://nix-cache?endpoint=${endpoint}&region=us-east-1`
    const environment = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'secret' }
    const command = ['import', stage.cache, source, '--trusted-public-key', key]
    const imported = await stage.owner.cachix(command, { environment })
    assert.equal(imported.status, 0, imported.output)
    assert.match(imported.output, /Pushed 3 paths .*0 already there, 0 skipped, 0 failed/)
    const again = await stage.owner.cachix(command, { environment })
    assert.match(again.output, /Pushed 0 paths .*3 already there/)
    for (const nix of oldestAndNewestNix) {
      const reader = await stage.addConfiguredReader(nix)
      await reader.runOk(['nix-store', '--realise', top])
      await checkWhole(reader, await closureHashes(stage.owner, top))
    }
  })

  it('that is not there is told plainly', async () => {
    const source = `s3://nosuch?endpoint=${endpoint}&region=us-east-1&anonymous=1`
    const failed = await stage.owner.cachix(['import', stage.cache, source])
    assert.equal(failed.status, 1)
    assert.match(failed.output, /nosuch/)
    assert.doesNotMatch(failed.output, /\n\s+at /)
  })
})
