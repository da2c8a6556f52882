import { decodeJwt, errors, jwtVerify } from 'jose'
import type { JWTPayload, JWTVerifyGetKey } from 'jose'
import { CacheError } from '../../cache-error.ts'
import type { CacheDatabase } from '../../database/cache-database.ts'
import type { IssuerKeys } from './issuer-keys.ts'
import { isAsked, notAsked } from './issuer-url.ts'

export interface VerifyIdentityDeps {
  readonly database: CacheDatabase
  readonly issuerKeys: IssuerKeys
}

/** What an issuer that some cache trusts says of somebody. */
export interface Identity {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Signatures with public keys; `none` and those with a shared secret are not among them. */
const algorithms = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ')

/** Seconds by which clocks may differ. */
const clockTolerance = 30

/**
 * Checks an identity token but for its audience, which is for the rules to judge. What it costs and says does not depend
 * on any cache. Throws `not-authorized`, and `unavailable` where the issuer's keys cannot be had.
 */
export async function verifyIdentity(deps: VerifyIdentityDeps, token: string): Promise<Identity> {
  const issuer = claimedIssuer(token)
  if (!(await deps.database.oidcRules.isKnownIssuer(issuer)))
    throw refused(`No cache here trusts identities of ${issuer}.`)
  // The operator may have allowed less since the rule was made.
  if (!isAsked(issuer, deps.issuerKeys.options)) throw refused(notAsked(issuer))
  const keys = await keysOf(deps, issuer)
  const claims = await verify(token, keys, issuer)
  return {
    issuer,
    claims,
    audiences: [claims.aud ?? []].flat(),
    expiresAt: ((claims.exp ?? 0) + clockTolerance) * 1000,
  }
}

function claimedIssuer(token: string): string {
  try {
    const { iss } = decodeJwt(token)
    if (typeof iss === 'string' && iss.length <= 500) return iss
  } catch {
    // Not a JWT.
  }
  throw refused('This is not an identity token: a signed JWT that names its issuer.')
}

async function keysOf({ issuerKeys }: VerifyIdentityDeps, issuer: string): Promise<JWTVerifyGetKey> {
  try {
    return await issuerKeys.of(issuer)
  } catch (cause) {
    throw unavailable(issuer, cause)
  }
}

async function verify(token: string, keys: JWTVerifyGetKey, issuer: string): Promise<JWTPayload> {
  const requiredClaims = ['exp', 'aud', 'sub']
  try {
    const { payload } = await jwtVerify(token, keys, { algorithms, issuer, clockTolerance, requiredClaims })
    return payload
  } catch (cause) {
    if (cause instanceof errors.JWTExpired)
      throw refused('This identity token has expired: get another.', cause)
    if (!isTokensFault(cause)) throw unavailable(issuer, cause)
    throw refused(
      'This identity token is not valid: its signature, its algorithm, or one of its times.',
      cause,
    )
  }
}

/** What is not is the network's. */
function isTokensFault(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    error.code !== 'ERR_JOSE_GENERIC'
  )
}

function refused(message: string, cause?: unknown): CacheError {
  return new CacheError('not-authorized', message, { cause })
}

function unavailable(issuer: string, cause: unknown): CacheError {
  return new CacheError('unavailable', `The keys of ${issuer} cannot be fetched at the moment.`, { cause })
}
