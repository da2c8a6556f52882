import { CliError } from '../cli-error.ts'
import type { CacheSource } from './cache-source.ts'
import { openFileSource } from './file-source.ts'
import { openHttpSource } from './http-source.ts'

/** The cache at a URL as Nix writes them: `https://`, `http://`, `file://` or `s3://`. Throws CliError `usage`. */
export async function openSource(text: string): Promise<CacheSource> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  switch (url?.protocol) {
    case 'file:':
      return openFileSource(url)
    case 'http:':
    case 'https:':
      return openHttpSource(url)
    case 's3:': {
      const { openS3Source } = await import('./s3-source.ts')
      return openS3Source(url)
    }
    default:
      throw new CliError(
        'usage',
        `"${text}" is no binary cache to import from: it must start with https://, http://, file:// or s3://.`,
      )
  }
}
