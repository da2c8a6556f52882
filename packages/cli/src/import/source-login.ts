import { dirname, join } from 'node:path'
import { CliError } from '../cli-error.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { loadNixConf } from '../nix/load-nix-conf.ts'
import { findNetrcLogin, type NetrcLogin } from '../nix/netrc.ts'
import { effectiveValues } from '../nix/nix-conf.ts'
import { findNixInstallation } from '../nix/nix-installation.ts'

export interface LoginPlaces {
  readonly environment: NodeJS.ProcessEnv
  /** Undefined: the file that Nix would look into. */
  readonly netrcFile?: string | undefined
}

/**
 * Whom to say that we are to the web server at a URL: as the URL has it (`https://USER:PASSWORD@HOST`), else as netrc has
 * it. Throws CliError `file` when the netrc that was named cannot be read.
 */
export async function findLogin(url: URL, places: LoginPlaces): Promise<NetrcLogin | undefined> {
  if (url.username !== '' || url.password !== '') {
    return { login: decoded(url.username), password: decoded(url.password) }
  }
  const text = await (places.netrcFile === undefined ? nixNetrc(places) : namedNetrc(places.netrcFile))
  return text === undefined ? undefined : findNetrcLogin(text, url.hostname)
}

async function namedNetrc(path: string): Promise<string> {
  const text = await readTextFile(path)
  if (text === undefined) throw new CliError('file', `There is no ${path}.`)
  return text
}

/** The system's is often for root alone: who may not read it has nothing in it. */
async function nixNetrc({ environment }: LoginPlaces): Promise<string | undefined> {
  const { systemConf, userConf } = await findNixInstallation(environment)
  const settings = [...systemConf.settings, ...(await loadNixConf(userConf)).settings]
  const configured = effectiveValues(settings, 'netrc-file')?.join(' ')
  try {
    return await readTextFile(configured || join(dirname(systemConf.path), 'netrc'))
  } catch (error) {
    if (error instanceof CliError) return undefined
    throw error
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
