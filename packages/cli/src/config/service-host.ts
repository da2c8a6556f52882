import { CliError } from '../cli-error.ts'

export const defaultHost = 'http://localhost:8080'

/** The canonical spelling of a service's address: no slash at the end. Throws CliError for anything but a http(s) URL. */
export function parseHost(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new CliError(
      'usage',
      `"${text}" is not the address of a service: it must start with http:// or https://.`,
    )
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new CliError(
      'usage',
      `"${text}" is not the address of a service: it must be just http(s)://HOST[:PORT][/PATH].`,
    )
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}
