import { availableParallelism } from 'node:os'
import type { PushChoices } from './push-paths.ts'

/** What users may say about how paths are sent. */
export interface SendingOptions {
  readonly cacheName: string
  readonly compressionLevel?: number | undefined
  readonly jobs?: number | undefined
  /** Megabytes. */
  readonly bundleSize?: number | undefined
  readonly omitDeriver?: boolean | undefined
}

/** One for each core: paths are cut in threads of their own. */
const defaultJobs = availableParallelism()
const megabyte = 1_000_000
/** In megabytes. Large uploads make few files on the service, but proxies and tunnels on the way have limits. */
const defaultBundleSize = 32
/** Of zstd: takes three quarters of the time of 3, for 3 % more bytes; measurements are in docs/design.md. */
const defaultCompressionLevel = 2

/** What was said on the command line, and the defaults for the rest. */
export function choicesOf(options: SendingOptions): PushChoices {
  const { cacheName, jobs, bundleSize, compressionLevel, omitDeriver } = options
  return {
    cacheName,
    jobs: jobs ?? defaultJobs,
    compressionLevel: compressionLevel ?? defaultCompressionLevel,
    bundleSize: (bundleSize ?? defaultBundleSize) * megabyte,
    omitDeriver: omitDeriver ?? false,
  }
}
