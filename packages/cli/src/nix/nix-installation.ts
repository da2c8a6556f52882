import { access } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { configHome } from '../config/config-file.ts'
import type { LoadedNixConf } from './load-nix-conf.ts'
import { loadNixConf } from './load-nix-conf.ts'

/** Where this machine's Nix keeps its settings. */
export interface NixInstallation {
  /** `/etc/nix/nix.conf`, with what it includes. */
  readonly systemConf: LoadedNixConf
  /** The file for an administrator's own settings: that one, or Determinate's nix.custom.conf. */
  readonly systemTarget: string
  readonly userConf: string
  readonly isNixos: boolean
  readonly storeDir: string
  /** How to make a running daemon read its settings again; undefined where there is none. */
  readonly restartCommand: string | undefined
}

const customConf = 'nix.custom.conf'

/** Looks around, guided by the variables Nix itself heeds: NIX_CONF_DIR, NIX_USER_CONF_FILES, NIX_STORE_DIR, XDG_CONFIG_HOME. */
export async function findNixInstallation(environment: NodeJS.ProcessEnv): Promise<NixInstallation> {
  const systemConf = await loadNixConf(join(environment['NIX_CONF_DIR'] ?? '/etc/nix', 'nix.conf'))
  const isDeterminate = isManagedByDeterminate(systemConf)
  return {
    systemConf,
    systemTarget: isDeterminate ? join(dirname(systemConf.path), customConf) : systemConf.path,
    userConf: userConfPath(environment),
    isNixos: await exists('/run/current-system/nixos-version'),
    storeDir: environment['NIX_STORE_DIR'] ?? '/nix/store',
    restartCommand: await findRestartCommand(isDeterminate),
  }
}

/** Determinate's installer writes nix.conf anew whenever it likes, and has people put their settings into another file. */
function isManagedByDeterminate({ text, includes }: LoadedNixConf): boolean {
  return (
    includes.keys().some((path) => basename(path) === customConf) ||
    /determinate ?(systems|nixd|nix)/i.test(text)
  )
}

/** The first of NIX_USER_CONF_FILES wins over the others, and over the usual place. */
function userConfPath(environment: NodeJS.ProcessEnv): string {
  const listed = environment['NIX_USER_CONF_FILES']?.split(':').find((path) => path !== '')
  return listed ?? join(configHome(environment), 'nix', 'nix.conf')
}

async function findRestartCommand(isDeterminate: boolean): Promise<string | undefined> {
  if (!(await exists('/nix/var/nix/daemon-socket/socket'))) return undefined
  if (process.platform === 'darwin') {
    return `sudo launchctl kickstart -k system/${isDeterminate ? 'systems.determinate' : 'org.nixos'}.nix-daemon`
  }
  return (await exists('/run/systemd/system')) ? 'sudo systemctl restart nix-daemon' : undefined
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
