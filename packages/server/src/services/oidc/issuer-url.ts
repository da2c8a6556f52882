import { CacheError } from '../../cache-error.ts'

/** Which issuers the service asks for their keys. Whoever administrates a cache may name any, so the operator decides. */
export interface IssuerPolicy {
  /** Origins (`https://HOST[:PORT]`) that the operator trusts, wherever they are. */
  readonly named: readonly string[]
  /** Others are asked too, over https and at public addresses. */
  readonly others: boolean
}

/** Those of the services whose CI most people use. */
export const usualIssuers: readonly string[] = [
  'https://token.actions.githubusercontent.com',
  'https://gitlab.com',
]

/**
 * What an operator says: origins with commas between them, and `*` for any. The usual ones are always among them. Undefined
 * if it makes no sense: plain HTTP is for this machine alone.
 */
export function parseIssuerPolicy(text: string): IssuerPolicy | undefined {
  const parts = text.split(',').map((part) => part.trim())
  const origins = parts.filter((part) => part !== '*')
  if (!origins.every(isOrigin)) return undefined
  return {
    named: [...usualIssuers, ...origins.map((origin) => new URL(origin).origin)],
    others: parts.includes('*'),
  }
}

/** Throws `bad-request` unless the service asks this issuer: `https://…`, nothing secret in it, and allowed. */
export function checkIssuerUrl(text: string, policy: IssuerPolicy): void {
  if (isAsked(text, policy)) return
  if (isHttps(text)) throw new CacheError('bad-request', notAsked(text))
  throw new CacheError(
    'bad-request',
    `"${text.slice(0, 200)}" is not the address of an issuer: it must be https://HOST, as its tokens have it in \`iss\`.`,
  )
}

/** Whether the service asks this issuer at all. */
export function isAsked(issuer: string, policy: IssuerPolicy): boolean {
  return isNamed(issuer, policy) || (policy.others && isHttps(issuer))
}

/** Whether the operator trusts this address, wherever it leads. */
export function isNamed(text: string, { named }: IssuerPolicy): boolean {
  return isWellFormed(text) && named.includes(new URL(text).origin)
}

/** Whether this is an address of the public web, as far as one can see. */
export function isHttps(text: string): boolean {
  return isWellFormed(text) && new URL(text).protocol === 'https:'
}

/** For people. */
export function notAsked(issuer: string): string {
  return `This service does not take identities of ${issuer.slice(0, 200)}. Whoever runs it can allow that: cachix serve --oidc-issuers.`
}

function isWellFormed(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { username, password, hash } = new URL(text)
  return username === '' && password === '' && hash === ''
}

function isOrigin(text: string): boolean {
  if (!isWellFormed(text)) return false
  const { protocol, hostname, pathname, search } = new URL(text)
  if (pathname !== '/' || search !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

/** `hostname` as in a URL. */
function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}
