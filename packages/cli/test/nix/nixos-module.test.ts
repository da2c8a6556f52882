import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { cachixModule, renderNixosModule } from '../../src/nix/nixos-module.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

/** As much of nixpkgs' lib as the module uses. */
const lib =
  '{ hasSuffix = end: text: builtins.match ".*\\\\${end}" text != null; filterAttrs = keep: set: removeAttrs set (builtins.filter (name: !keep name set.${name}) (builtins.attrNames set)); }'

describe('the NixOS modules', () => {
  it('are what Nix reads as the settings of every cache', async () => {
    await using directory = await temporaryDirectory()
    await mkdir(directory.at('cachix'))
    await writeFile(directory.at('cachix.nix'), cachixModule)
    const caches = ['a', 'b'].map((name) => ({
      uri: `https://${name}.example`,
      publicSigningKeys: [`${name}-1:k="\${x}\\`],
    }))
    await writeFile(directory.at('cachix', 'a.nix'), renderNixosModule(caches[0]!))
    await writeFile(directory.at('cachix', 'b.nix'), renderNixosModule(caches[1]!))
    await writeFile(directory.at('cachix', 'README'), 'not a module')
    const expression = `map (path: (import path).nix.settings) (import ${directory.at('cachix.nix')} { lib = ${lib}; }).imports`
    const { stdout } = await promisify(execFile)(
      'nix-instantiate',
      ['--eval', '--strict', '--json', '--readonly-mode', '-E', expression],
      {
        env: {
          PATH: process.env['PATH'],
          HOME: directory.path,
          NIX_REMOTE: `local?root=${directory.at('root')}`,
          NIX_CONF_DIR: directory.path,
        },
      },
    )
    assert.deepEqual(
      JSON.parse(stdout),
      caches.map(({ uri, publicSigningKeys }) => ({
        substituters: [uri],
        'trusted-public-keys': publicSigningKeys,
      })),
    )
  })
})
