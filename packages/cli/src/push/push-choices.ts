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

/** Reading one path after the other is as quick where the disk is; each takes a few megabytes of memory. */
const defaultJobs = 2
const megabyte = 1_000_000
/** In megabytes. Large uploads make few files on the service, but proxies and tunnels on the way have limits. */
const defaultBundleSize = 32
/** Of zstd: 1 is hardly quicker beside everything else that happens, and higher ones soon take longer than the network. */
const defaultCompressionLevel = 3

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
