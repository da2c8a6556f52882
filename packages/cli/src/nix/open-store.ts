import { join } from 'node:path'
import { defaultStoreDir } from '@cachix/protocol'
import { CliError } from '../cli-error.ts'
import { openCommandStore } from './command-store.ts'
import { openDaemonStore } from './daemon-store.ts'
import { openDatabaseStore } from './database-store.ts'
import type { StoreReader } from './store-reader.ts'

/**
 * The local store, as Nix itself would find it by NIX_REMOTE, NIX_DAEMON_SOCKET_PATH, NIX_STATE_DIR and
 * NIX_STORE_DIR: through the daemon, else its database, else the nix program. Throws CliError `nix`.
 */
export async function openStore(environment: NodeJS.ProcessEnv): Promise<StoreReader> {
  const places = placesOf(environment)
  const remote = environment['NIX_REMOTE'] || 'auto'
  if (remote === 'local') return await openLocal(places)
  if (remote === 'auto') return (await openDaemonIfAny(places)) ?? (await openLocal(places))
  return await openDaemon({ ...places, socketPath: socketOf(remote) ?? places.socketPath })
}

interface Places {
  readonly storeDir: string
  readonly stateDir: string
  readonly socketPath: string
}

function placesOf(environment: NodeJS.ProcessEnv): Places {
  const storeDir = environment['NIX_STORE_DIR'] || environment['NIX_STORE'] || defaultStoreDir
  const stateDir = environment['NIX_STATE_DIR'] || '/nix/var/nix'
  const socketPath = environment['NIX_DAEMON_SOCKET_PATH'] || join(stateDir, 'daemon-socket/socket')
  return { storeDir, stateDir, socketPath }
}

/** The socket named by `unix://PATH`; undefined when the usual one is meant. */
function socketOf(remote: string): string | undefined {
  const [, path] = /^(?:daemon|unix:\/\/([^?]*))(?:\?.*)?$/.exec(remote) ?? unsupported(remote)
  return path || undefined
}

function unsupported(remote: string): never {
  throw new CliError(
    'nix',
    `NIX_REMOTE is ${remote}, a store whose files are not on this machine or not at their own paths. ` +
      'Use "daemon", "local" or "unix://SOCKET", or unset it.',
  )
}

/** Any failure to reach the daemon means that there is none for us: it may be absent, stopped, or closed to this user. */
async function openDaemonIfAny(places: Places): Promise<StoreReader | undefined> {
  try {
    return await openDaemonStore(places)
  } catch {
    return undefined
  }
}

async function openDaemon(places: Places): Promise<StoreReader> {
  try {
    return await openDaemonStore(places)
  } catch (error) {
    throw new CliError('nix', `No Nix daemon answers at ${places.socketPath}: ${String(error)}`, {
      cause: error,
    })
  }
}

/** Some databases cannot be read by every user; the nix program says best what is wrong with the store, if anything is. */
async function openLocal(places: Places): Promise<StoreReader> {
  try {
    return await openDatabaseStore(places)
  } catch (error) {
    if (error instanceof CliError) return openCommandStore(places)
    throw error
  }
}
