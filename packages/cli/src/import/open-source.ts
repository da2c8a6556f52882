import { CliError } from '../cli-error.ts'
import type { CacheSource } from './cache-source.ts'
import { openFileSource } from './file-source.ts'
import { openHttpSource } from './http-source.ts'
import { findLogin, type LoginPlaces } from './source-login.ts'

interface SourceOptions extends LoginPlaces {
  /** Told why a web server is asked again. */
  readonly onRetry?: ((failure: Error) => void) | undefined
}

/**
 * The cache at a URL as Nix writes them: `https://`, `http://`, `file://` or `s3://`. Throws CliError `usage`, and `file`
 * for a netrc that cannot be read.
 */
export async function openSource(text: string, options: SourceOptions): Promise<CacheSource> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  switch (url?.protocol) {
    case 'file:':
      return openFileSource(url)
    case 'http:':
    case 'https:':
      return openHttpSource(url, { login: await findLogin(url, options), onRetry: options.onRetry })
    case 's3:': {
      const { openS3Source } = await import('./s3-source.ts')
      return openS3Source(url)
    }
    default:
      throw new CliError(
        'usage',
        `"${withoutLogin(text)}" is no binary cache to import from: it must start with https://, http://, file:// or s3://.`,
      )
  }
}

/** What is said may end up in a log. */
function withoutLogin(text: string): string {
  return text.replace(/\/\/.*@/, '//…@')
}
