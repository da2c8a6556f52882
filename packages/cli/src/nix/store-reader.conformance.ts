import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { baseNameOf } from '@cachix/protocol'
import type { StoreReader } from './store-reader.ts'

/** A real store, and real Nix to say what is in it. */
interface StoreUnderTest {
  readonly storeDir: string
  run(program: string, ...args: readonly string[]): Promise<string>
  build(expression: string): Promise<string[]>
  openReader(): Promise<StoreReader>
  remove(): Promise<void>
}

interface Suite {
  /** Why it cannot run; false when it can. */
  readonly skip: string | false
  readonly open: () => Promise<StoreUnderTest>
}

const packages = `let
  library = make "library" "mkdir $out; echo library > $out/file";
  tool = make "tool" "mkdir $out; echo \${library} $out > $out/file";
  program = make "program" "ln -s \${tool}/file $out";
in [ program library ]`

/** What every adapter of the port must do. */
export function describeStoreReader(name: string, suite: Suite): void {
  describe(`${name} reads a Nix store`, { skip: suite.skip }, () => {
    let store: StoreUnderTest
    let reader: StoreReader
    let program: string
    let library: string

    before(async () => {
      store = await suite.open()
      ;[program = '', library = ''] = await store.build(packages)
      reader = await store.openReader()
    })

    after(async () => {
      await reader.close()
      await store.remove()
    })

    const absent = (): string => `${store.storeDir}/${'0'.repeat(32)}-absent`

    test('it tells valid paths from others', async () => {
      const valid = await reader.validPaths([program, absent(), library])
      assert.deepEqual(valid, new Set([program, library]))
      assert.deepEqual(await reader.validPaths([]), new Set())
    })

    test('a closure has everything once, dependencies first', async () => {
      const paths = (await reader.closure([program, library])).map((info) => info.storePath)
      const expected = await store.run('nix-store', '-qR', program)
      assert.deepEqual(paths.toSorted(), expected.split('\n').toSorted())
      assert.equal(paths[0], library)
      assert.equal(paths.at(-1), program)
      assert.deepEqual(await reader.closure([]), [])
    })

    test('it knows of a path what Nix knows', async () => {
      for (const info of await reader.closure([program])) {
        const query = (what: string) => store.run('nix-store', '-q', what, info.storePath)
        assert.equal(info.narHash, await query('--hash'))
        assert.equal(info.narSize, Number(await query('--size')))
        const references = (await query('--references')).split('\n').filter(Boolean).map(baseNameOf)
        assert.deepEqual(info.references, references.toSorted())
        assert.equal(info.deriver, baseNameOf(await query('--deriver')))
        assert.deepEqual(info.signatures, [])
        assert.equal(info.ca, undefined)
      }
    })

    test('a reference to itself is among the references', async () => {
      const tool = (await reader.closure([program])).find((info) => info.storePath.endsWith('-tool'))
      assert.ok(tool?.references.includes(baseNameOf(tool.storePath)))
    })

    test('derivations are paths like others', async () => {
      const derivation = await store.run('nix-store', '-q', '--deriver', program)
      const infos = await reader.closure([derivation])
      const expected = await store.run('nix-store', '-qR', derivation)
      assert.deepEqual(infos.map((info) => info.storePath).toSorted(), expected.split('\n').toSorted())
      assert.match(infos.at(-1)?.ca ?? '', /^text:sha256:[0-9a-z]{52}$/)
      assert.equal(infos.at(-1)?.deriver, undefined)
    })

    test('it knows signatures', async () => {
      const key = `${store.storeDir}/../key`
      await store.run('nix-store', '--generate-binary-cache-key', 'test-1', key, `${key}.pub`)
      const [signed = ''] = await store.build('make "signed" "echo signed > $out"')
      await store.run('nix', 'store', 'sign', '-k', key, signed)
      const [info] = await reader.closure([signed])
      assert.match(info?.signatures.join(' ') ?? '', /^test-1:[A-Za-z0-9+/]{86}==$/)
    })

    test('a closure of a path that is not valid names that path, and later questions are answered', async () => {
      await assert.rejects(reader.closure([program, absent()]), {
        name: 'CliError',
        code: 'nix',
        message: /0{32}-absent is not valid/,
      })
      assert.equal((await reader.closure([library])).length, 1)
    })

    test('a path outside of the store is an error or not valid, and later questions are answered', async () => {
      await assert.rejects(reader.closure(['/elsewhere/file']), { name: 'CliError', code: 'nix' })
      assert.equal((await reader.closure([library])).length, 1)
    })

    test('what is built while the reader is open is seen', async () => {
      const [late = ''] = await store.build('make "late" "echo late > $out"')
      assert.deepEqual(await reader.validPaths([late]), new Set([late]))
    })

    test('a thousand paths are answered at once', async () => {
      const many = Array.from(
        { length: 3000 },
        (_, i) => `${store.storeDir}/${String(i).padStart(32, '0')}-x`,
      )
      assert.deepEqual(await reader.validPaths([...many, program]), new Set([program]))
    })
  })
}
