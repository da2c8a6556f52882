/**
 * The token in an `Authorization` header: of `Bearer`, or the password of `Basic`, which is what Nix sends from netrc;
 * the user name does not matter. Undefined without one: clients without a token send an empty `Bearer`.
 */
export function tokenOf(authorization: string | null): string | undefined {
  if (authorization === null) return undefined
  const space = authorization.indexOf(' ')
  if (space === -1) return undefined
  const credentials = authorization.slice(space + 1).trim()
  const scheme = authorization.slice(0, space).toLowerCase()
  if (scheme === 'bearer') return credentials || undefined
  return scheme === 'basic' ? passwordOf(credentials) : undefined
}

function passwordOf(credentials: string): string | undefined {
  const userAndPassword = Buffer.from(credentials, 'base64').toString()
  const colon = userAndPassword.indexOf(':')
  return colon === -1 ? undefined : userAndPassword.slice(colon + 1) || undefined
}
