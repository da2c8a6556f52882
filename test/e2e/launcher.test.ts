import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { runOk } from '../harness/run.ts'
import { cachix, repository, runtime } from '../harness/runtime.ts'
import { TemporaryDirectory } from '../harness/temporary-directory.ts'

it(`./cachix runs from another directory and through a link, ${runtime}`, async () => {
  using elsewhere = new TemporaryDirectory('elsewhere')
  assert.match(await runOk([...cachix, '--version'], { directory: elsewhere.path }), /^cachix \d+\.\d+\.\d+$/)
  const link = join(elsewhere.path, 'cachix-link')
  symlinkSync(join(repository, 'cachix'), link)
  assert.match(await runOk([link, '--help'], { environment: process.env }), /nix-build \| cachix push/)
})
