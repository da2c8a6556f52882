import { CacheError } from '../../cache-error.ts'
import { checkIssuerUrl } from './issuer-url.ts'
import type { IssuerPolicy } from './issuer-url.ts'

interface CheckedRule {
  readonly issuer: string
  readonly claims: Readonly<Record<string, string>>
}

const maxClaims = 20

/** Throws `bad-request` for rules that could never apply, and for those that would let strangers in. */
export function checkRule({ issuer, claims }: CheckedRule, policy: IssuerPolicy): void {
  checkIssuerUrl(issuer, policy)
  const entries = Object.entries(claims)
  if (entries.length > maxClaims) throw refused(`A rule has at most ${maxClaims} claims.`)
  if (!entries.some(([, pattern]) => startsLiterally(pattern))) {
    throw refused('A rule needs a claim that says who is meant, such as repository=OWNER/NAME.')
  }
  const owners = ownersAt.get(issuer.replace(/\/$/, ''))
  if (owners && !entries.some(([claim, pattern]) => owners.has(claim) && startsLiterally(pattern))) {
    const names = [...owners].join(', ')
    throw refused(
      `Everybody can get tokens of ${issuer}: a rule needs one of ${names}, with its owner spelled out.`,
    )
  }
}

/** Issuers with users who have nothing to do with each other, and the claims that tell whose a token is. */
const ownersAt: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    'https://token.actions.githubusercontent.com',
    new Set([
      'repository',
      'repository_id',
      'repository_owner',
      'repository_owner_id',
      'sub',
      'job_workflow_ref',
    ]),
  ],
  [
    'https://gitlab.com',
    new Set(['project_path', 'project_id', 'namespace_path', 'namespace_id', 'sub', 'ci_config_ref_uri']),
  ],
])

/** Whether the first part, which names the owner, has no wildcard. */
function startsLiterally(pattern: string): boolean {
  const owner = /^(?:repo:|project_path:|[a-z]+:\/\/[^/]+\/)?([^/:]*)/.exec(pattern)?.[1] ?? ''
  return owner !== '' && !owner.includes('*')
}

function refused(message: string): CacheError {
  return new CacheError('bad-request', message)
}
