import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { otherUsers } from '../harness/namespace.ts'
import { NixDaemon, throughDaemon } from '../harness/nix-daemon.ts'
import { nixVersions } from '../harness/nix-versions.ts'
import type { NixWorld } from '../harness/nix-world.ts'
import type { Finished } from '../harness/run.ts'
import { cachix, runtime } from '../harness/runtime.ts'
import { Stage } from '../harness/stage.ts'
import { build, checkWhole, closureHashes } from '../harness/store-paths.ts'

/** Somebody whom the daemon does not trust. */
const uid = 1234

for (const nix of nixVersions) {
  describe(`a private cache, through the daemon of Nix ${nix.version}, ${runtime}`, () => {
    let stage: Stage
    let top: string
    let readToken: string

    before(async () => {
      stage = await Stage.set(nix, { create: ['--private', '--managed-key'] })
      top = await build(stage.owner, 'top')
      await stage.owner.cachixOk(['push', stage.cache, top])
      const forReading = ['--cache', stage.cache, '--permission', 'read']
      readToken = await stage.owner.cachixOk(['token', 'create', ...forReading])
    })
    after(() => stage[Symbol.asyncDispose]())

    async function machineWithToken(): Promise<NixWorld> {
      const machine = stage.addReader()
      await machine.cachixOk(['authtoken', readToken])
      return machine
    }

    it('is fetched from by whoever the daemon trusts, with the netrc of their own', async () => {
      const machine = await machineWithToken()
      await using _daemon = await NixDaemon.start(machine)
      const used = await machine.cachixOk(['use', stage.cache, '--mode', 'user-nixconf'])
      assert.match(used, /\.config\/nix\/netrc/)
      await machine.runOk(['nix-store', '--realise', top], { environment: throughDaemon })
      await checkWhole(machine, await closureHashes(stage.owner, top))
    })

    it('is pushed to from the store of a daemon', async () => {
      const machine = stage.addReader()
      await machine.cachixOk(['authtoken', stage.server.ownerToken])
      await using _daemon = await NixDaemon.start(machine)
      const small = await build(machine, 'small')
      await machine.cachixOk(['push', stage.cache, small], { environment: throughDaemon })
      const reader = await machineWithToken()
      await reader.cachixOk(['use', stage.cache, '--mode', 'user-nixconf'])
      await reader.runOk(['nix-store', '--realise', small])
    })

    const needsUsers = otherUsers ? {} : { skip: 'NOT TESTED: only root can act as other users' }
    describe('by a user whom it does not trust', needsUsers, () => {
      it('is fetched from once root has run `cachix use`, and copied from with a netrc of their own', async () => {
        const machine = await machineWithToken()
        const used = await machine.cachix(['use', stage.cache, '--mode', 'root-nixconf'])
        assert.equal(used.status, 0, used.output)
        assert.match(used.output, /Note: only the owner of .*etc\/netrc, and the Nix daemon, read the token/)
        const netrc = join(machine.configuration, 'netrc')
        assert.equal(
          readFileSync(netrc, 'utf8'),
          `machine stage.localhost login cachix password ${readToken}\n`,
        )
        assert.deepEqual([statSync(netrc).mode & 0o777, statSync(netrc).uid], [0o600, process.getuid?.()])

        await using _daemon = await NixDaemon.start(machine)
        const fetched = await asUser(machine, ['nix-store', '--realise', top])
        assert.equal(fetched.status, 0, fetched.output)
        await checkWhole(machine, await closureHashes(stage.owner, top))

        const copy = [
          'sh',
          '-c',
          'nix copy --no-check-sigs --from "$0" --to "file://$HOME/copied" "$1"',
          stage.server.hostUrl(stage.cache),
          top,
        ]
        assert.notEqual((await asUser(machine, copy)).status, 0)
        await asUser(machine, [...cachix, 'authtoken', readToken])
        const own = await asUser(machine, [...cachix, 'use', stage.cache, '--mode', 'user-nixconf'])
        assert.equal(own.status, 0, own.output)
        const copied = await asUser(machine, copy)
        assert.equal(copied.status, 0, copied.output)
      })

      it('is fetched from as a trusted substituter, which the user turns on, with the netrc of the system', async () => {
        const machine = await machineWithToken()
        await asUser(machine, [...cachix, 'authtoken', readToken])
        const distrusted = await asUser(machine, [...cachix, 'use', stage.cache])
        assert.equal(distrusted.status, 1)
        const [line = '', key = ''] = /'(extra-trusted-substituters = .*)' '(extra-trusted-public-keys = .*)'/
          .exec(distrusted.output)!
          .slice(1)
        appendFileSync(join(machine.configuration, 'nix.conf'), `${line}\n${key}\n`)
        writeFileSync(
          join(machine.configuration, 'netrc'),
          `machine stage.localhost\nlogin x\npassword ${readToken}\n`,
          { mode: 0o600 },
        )
        await using _daemon = await NixDaemon.start(machine)
        const used = await asUser(machine, [...cachix, 'use', stage.cache])
        assert.equal(used.status, 0, used.output)
        const fetched = await asUser(machine, ['nix-store', '--realise', top])
        assert.equal(fetched.status, 0, fetched.output)
      })

      it('is not fetched from where only the user wants it', async () => {
        const machine = stage.addReader()
        await asUser(machine, [...cachix, 'authtoken', readToken])
        const used = await asUser(machine, [...cachix, 'use', stage.cache, '--mode', 'user-nixconf'])
        assert.match(used.output, /Warning: Nix on this machine does not let/)
        await using _daemon = await NixDaemon.start(machine)
        assert.notEqual((await asUser(machine, ['nix-store', '--realise', top])).status, 0)
      })

      it('is pushed to', async () => {
        const machine = stage.addReader()
        await using _daemon = await NixDaemon.start(machine)
        const small = await build(machine, 'other')
        await asUser(machine, [...cachix, 'authtoken', stage.server.ownerToken])
        const pushed = await asUser(machine, [...cachix, 'push', stage.cache, small])
        assert.equal(pushed.status, 0, pushed.output)
        assert.match(pushed.output, /Pushed 1 path/)
      })
    })
  })
}

/** As the user whom the daemon does not trust, with a configuration of their own. */
function asUser(machine: NixWorld, command: readonly string[]): Promise<Finished> {
  return machine.runAs(uid, command, { environment: throughDaemon })
}
