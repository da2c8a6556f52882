import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { includeReplaces, loadNixConf } from '../../src/nix/load-nix-conf.ts'
import { addToList, effectiveValues } from '../../src/nix/nix-conf.ts'
import type { TemporaryDirectory } from '../temporary-directory.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const uri = 'https://mycache.example.org'

/** What Nix itself makes of a directory's nix.conf. */
async function substitutersInNix(directory: TemporaryDirectory): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(
    'nix',
    ['--extra-experimental-features', 'nix-command', 'show-config', '--json'],
    {
      env: {
        PATH: process.env['PATH'],
        HOME: directory.path,
        NIX_CONF_DIR: directory.path,
        NIX_USER_CONF_FILES: '',
        NIX_REMOTE: `local?root=${directory.at('root')}`,
      },
    },
  )
  return (JSON.parse(stdout) as { substituters: { value: string[] } }).substituters.value
}

const files: Readonly<Record<string, string>> = {
  'an empty file': '',
  'a list of one’s own': 'substituters = https://a https://b # the only ones\n',
  'an old name': 'binary-caches = https://a\ncores = 2',
  'an addition that is replaced later': 'extra-substituters = https://a\nsubstituters = https://b\n',
  'an addition that an included file replaces': 'extra-substituters = https://a\ninclude included.conf\n',
  'an addition after an included file': '!include included.conf\nextra-substituters = https://a\t# note\n',
  'a missing include': '!include nowhere.conf\n',
  'a file from Windows': 'extra-substituters = https://a\r\ncores = 2\r\n',
}

describe('the real Nix', () => {
  for (const [name, text] of Object.entries(files)) {
    it(`asks the added cache, and those it asked before: ${name}`, async () => {
      await using directory = await temporaryDirectory()
      await mkdir(directory.at('root'))
      await writeFile(directory.at('included.conf'), 'substituters = https://included\n')
      await writeFile(directory.at('nix.conf'), text)
      const before = await substitutersInNix(directory)
      const conf = await loadNixConf(directory.at('nix.conf'))
      const added = addToList(text, {
        name: 'substituters',
        value: uri,
        replaces: (include) => includeReplaces(conf, include, 'substituters'),
      })
      await writeFile(directory.at('nix.conf'), added)
      assert.deepEqual(await substitutersInNix(directory), [...before, uri])
      const ours = effectiveValues((await loadNixConf(directory.at('nix.conf'))).settings, 'substituters')
      assert.deepEqual(
        ours?.filter((value) => before.includes(value) || value === uri),
        ours,
      )
    })
  }
})
