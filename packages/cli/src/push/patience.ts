import { ServiceError } from '../service/service-error.ts'
import { RefusedPathError } from './refused-path-error.ts'

/** The token is bad or may not write, an upload is too large, or the service has no room: no path will fare better than this one. */
const finalStatuses: ReadonlySet<number | undefined> = new Set([401, 403, 413, 507])
/** The same of the answer about one path, and that the service does not accept how it is signed, or that it is not. */
const finalReasons: ReadonlySet<string> = new Set(['bad-signature', 'not-authorized', 'disk-full'])

/** So many paths failed one after another, each tried again for a while: the service is down. */
const failuresInARow = 8

/** Decides when a failure means that the rest need not be tried. */
export class Patience {
  #failures = 0

  /** A path got through. */
  restore(): void {
    this.#failures = 0
  }

  isExhaustedBy(failure: unknown): boolean {
    if (failure instanceof RefusedPathError) return finalReasons.has(failure.reason ?? '')
    if (!(failure instanceof ServiceError)) return false
    if (isAboutTheService(failure)) this.#failures++
    return finalStatuses.has(failure.status) || this.#failures >= failuresInARow
  }
}

/** Rather than about one path, as a conflict is: no answer, a request it does not take, too many, or a fault of its own. */
function isAboutTheService({ status }: ServiceError): boolean {
  return status === undefined || status === 400 || status === 429 || status >= 500
}
