import { createServer, parseServerConfig } from '@cachix/server'
import type { RunningServer, ServerConfig, ServerOptions } from '@cachix/server'
import type { Terminal } from '../context.ts'

/** `cachix serve`: until it is told to stop. */
export async function serve(terminal: Terminal, options: ServerOptions): Promise<void> {
  const config = parseServerConfig(options, terminal.environment)
  const server = await createServer(config, { log: terminal.stderr })
  terminal.stdout.write(greeting(server, config))
  await untilStopped(server, terminal)
}

/** The first signal lets requests finish, the second does not. */
async function untilStopped(server: RunningServer, { stdout }: Terminal): Promise<void> {
  const closed = Promise.withResolvers<void>()
  let signals = 0
  const stop = (): void => {
    signals += 1
    if (signals === 1) stdout.write('Stopping, within 30 seconds. Once more to stop at once.\n')
    server.close(signals === 1 ? undefined : 0).then(closed.resolve, closed.reject)
  }
  process.on('SIGTERM', stop).on('SIGINT', stop)
  try {
    await closed.promise
  } finally {
    process.off('SIGTERM', stop).off('SIGINT', stop)
  }
}

function greeting(server: RunningServer, config: ServerConfig): string {
  const lines = [
    ...(server.ownerToken === undefined ? [] : firstSteps(server, server.ownerToken, config)),
    `Listening on ${config.listen.host}, port ${server.port}, as ${server.url}. Data in ${config.packs}. Ctrl-C stops it.`,
    ...reachNote(config),
  ]
  return `${lines.join('\n')}\n`
}

function firstSteps({ url }: RunningServer, token: string, { ownerTokenFile }: ServerConfig): string[] {
  const place = ownerTokenFile === undefined ? '' : `, and kept in ${ownerTokenFile}`
  return [
    `This is the owner's token, shown only this once${place}:`,
    '',
    `  ${token}`,
    '',
    'Next, in another terminal:',
    ...(url === defaultUrl ? [] : [`  cachix config set hostname ${url}`]),
    `  cachix authtoken ${token}`,
    '  cachix create mycache',
    '',
  ]
}

/** Where the other commands look for a service if nobody tells them. */
const defaultUrl = 'http://localhost:8080'

function reachNote({ listen, publicUrl }: ServerConfig): string[] {
  if (publicUrl !== undefined || /^(?:localhost|127\.|::1$)/.test(listen.host)) return []
  return ['Other machines need an address that means this one: give it with --public-url http://HOST:PORT.']
}
