import { CacheError } from '../cache-error.ts'
import { authenticate } from '../services/authenticate.ts'
import type { AuthenticateDeps, Authentication, Identity } from '../services/authenticate.ts'
import { tokenOf } from './request-token.ts'

/** Who asks. */
export interface Visitor {
  /** Undefined: anybody. */
  readonly identity: Identity | undefined
  /** What is wrong with the token that was sent, if anything is; then the visitor is anybody. */
  readonly problem: string | undefined
}

const anybody: Visitor = { identity: undefined, problem: undefined }

/** By the token of the request. One that does not count makes its bearer anybody, and is told as `problem`. */
export async function identifyVisitor(deps: AuthenticateDeps, request: Request): Promise<Visitor> {
  const token = tokenOf(request.headers.get('authorization'))
  if (token === undefined) return anybody
  const authentication = await authenticate(deps, token)
  if (authentication.outcome === 'known') return { identity: authentication.identity, problem: undefined }
  return { identity: undefined, problem: problemWith(authentication) }
}

/** Throws `not-authorized` for anybody. */
export function requireIdentity({ identity, problem }: Visitor): Identity {
  if (identity !== undefined) return identity
  const reason = problem ?? 'This needs an auth token.'
  throw new CacheError('not-authorized', `${reason} \`cachix authtoken TOKEN\` saves one.`)
}

/** A token that does not count takes away nothing that anybody may do: its bearer is told on the side. */
export function warnVisitor(response: Response, { problem }: Visitor): Response {
  if (problem !== undefined) response.headers.set('x-cachix-warning', problem)
  return response
}

/** Descriptions are anybody's text, and this is also sent as a header. */
function problemWith(authentication: Exclude<Authentication, { outcome: 'known' }>): string | undefined {
  if (authentication.outcome === 'anonymous') return undefined
  if (authentication.outcome === 'unknown')
    return 'The auth token that was sent is not known to this service.'
  return `Cachix Auth token "${authentication.description.replaceAll(/[^ -~]/g, '?')}" has expired.`
}
