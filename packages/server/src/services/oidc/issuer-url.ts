import { CacheError } from '../../cache-error.ts'

export interface IssuerPolicy {
  /** Issuers on this machine may speak plain HTTP: only where the service itself is for this machine alone. */
  readonly allowLoopback: boolean
}

/** Throws `bad-request` unless keys may be fetched from there: `https://…`, nothing secret in it. */
export function checkIssuerUrl(text: string, policy: IssuerPolicy): void {
  if (isFetchable(text, policy)) return
  throw new CacheError(
    'bad-request',
    `"${text.slice(0, 200)}" is not the address of an issuer: it must be https://HOST, as its tokens have it in \`iss\`.`,
  )
}

/** Whether keys, and what says where they are, may be fetched from this address. */
export function isFetchable(text: string, { allowLoopback }: IssuerPolicy): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && allowLoopback && isLoopback(url.hostname))
}

/** `hostname` as in a URL. */
export function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}
