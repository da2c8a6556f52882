import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openCommandStore } from '../../src/nix/command-store.ts'
import { describeStoreReader } from '../../src/nix/store-reader.conformance.ts'
import { createNixFixture, withoutNix, type NixFixture } from './nix-fixture.ts'

describeStoreReader('nix path-info', {
  skip: withoutNix,
  open: async () => {
    const fixture = await createNixFixture()
    const nix = await nixOf(fixture)
    return { ...fixture, openReader: async () => openCommandStore({ storeDir: fixture.storeDir, nix }) }
  },
})

/** The tests share a process and so its environment: a script that runs nix in the fixture's. */
async function nixOf(fixture: NixFixture): Promise<string> {
  const script = join(fixture.stateDir, 'nix')
  const variables = Object.entries(fixture.environment).filter(
    ([name]) => name.startsWith('NIX_') || name === 'HOME',
  )
  const exports = variables.map(([name, value]) => `export ${name}='${value}'\n`).join('')
  await writeFile(script, `#!/bin/sh\n${exports}exec nix "$@"\n`)
  await chmod(script, 0o755)
  return script
}

test('a machine without Nix is told so', async () => {
  const store = openCommandStore({ storeDir: '/nix/store', nix: 'no-such-nix' })
  await assert.rejects(store.validPaths(['/nix/store/x']), /no-such-nix was not found: install Nix/)
})
