/** A NAR that was sent as one compressed file, to be published later. The pack of the file's name has its bytes. */
export interface Upload {
  /** Lower-case hex SHA-256. */
  readonly fileHash: string
  readonly fileSize: number
  /** `sha256:` and 52 nix32 characters. */
  readonly narHash: string
  readonly narSize: number
  /** In the words of a narinfo: `zstd`, `xz`. */
  readonly compression: string
}

export interface UploadTable {
  /** Records that the cache was sent this file, and its pack, which is durable. Safe to repeat. */
  record(cacheId: number, upload: Upload): Promise<void>
  find(cacheId: number, fileHash: string): Promise<Upload | undefined>
  /** Has the file itself served until that time, or until the later one it had; its pack stays as long. */
  serve(cacheId: number, fileHash: string, until: number): Promise<void>
  /** The file, whether it is served or not. */
  findFile(cacheName: string, fileHash: string): Promise<UploadedFile | undefined>
}

interface UploadedFile {
  readonly isPublic: boolean
  readonly cacheId: number
  readonly fileSize: number
  /** Anybody who may read the cache may have it; otherwise only those who may write to it know that it is there. */
  readonly isServed: boolean
}
