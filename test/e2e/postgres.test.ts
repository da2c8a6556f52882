import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import {
  findPostgresPrograms,
  noPostgresServer,
  startPostgresServer,
  type PostgresServer,
} from '../../packages/server/test/database/postgres-server.ts'
import { pushAndFetchBeside } from '../harness/beside-upkeep.ts'
import { CachixServer } from '../harness/cachix-server.ts'
import { runOk } from '../harness/run.ts'
import { cachix, runtime } from '../harness/runtime.ts'
import { nixVersions } from '../harness/nix-versions.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes, storeHash } from '../harness/store-paths.ts'
import { TemporaryDirectory } from '../harness/temporary-directory.ts'

const [nix] = nixVersions
assert.ok(nix)
const programs = await findPostgresPrograms()

describe(`the service on PostgreSQL, ${runtime}`, { skip: programs ? false : noPostgresServer }, () => {
  let postgres: PostgresServer
  let database: string
  let stage: Stage
  let path: string

  before(async () => {
    assert.ok(nix && programs)
    postgres = await startPostgresServer(programs)
    database = await postgres.createDatabase()
    stage = await Stage.set(nix, { server: { environment: { CACHIX_SERVE_DATABASE: database } } })
    path = await build(stage.owner, 'big')
  })
  after(async () => {
    await stage?.[Symbol.asyncDispose]()
    await postgres?.stop()
  })

  it('what was pushed is fetched by real Nix', async () => {
    await stage.owner.cachixOk(['push', stage.cache, path])
    const reader = await stage.addConfiguredReader()
    await reader.runOk(['nix-store', '--realise', path])
    await checkWhole(reader, await closureHashes(stage.owner, path))
  })

  it('nothing is lost when other processes collect and compact beside pushes and downloads', async () => {
    const data = ['--data', stage.server.dataDirectory]
    await pushAndFetchBeside(stage, (words) => server(database, [...words, ...data]))
    assert.match(await server(database, ['fsck', '--thorough', ...data]), /^All is well\.$/m)
  })

  it('a backup is restored by pg_restore into another database and served like the original', async () => {
    assert.ok(programs)
    using directory = new TemporaryDirectory('backup')
    const copy = join(directory.path, 'data')
    await server(database, ['backup', copy, '--data', stage.server.dataDirectory])

    const elsewhere = await postgres.createDatabase()
    const restore = ['--clean', '--if-exists', '--dbname', elsewhere, join(copy, 'cachix.pgdump')]
    await runOk([join(programs, 'pg_restore'), ...restore])
    await using restored = await CachixServer.start({
      environment: { CACHIX_SERVE_DATABASE: elsewhere },
      dataDirectory: copy,
    })
    const name = `${stage.cache}/${storeHash(path)}.narinfo`
    const [original, copied] = await Promise.all(
      [stage.server, restored].map(async ({ url }) => (await fetch(`${url}/${name}`)).text()),
    )
    assert.match(original ?? '', /^StorePath: /)
    assert.equal(copied, original)
    assert.match(await server(elsewhere, ['fsck', '--thorough', '--data', copy]), /^All is well\.$/m)
  })
})

/** On this machine, not in a world of its own: PostgreSQL is reached by a socket of this machine. */
function server(url: string, words: readonly string[]): Promise<string> {
  return runOk([...cachix, 'server', ...words], {
    environment: { ...process.env, CACHIX_SERVE_DATABASE: url },
  })
}
