import { CliError } from '../cli-error.ts'

const reasons: ReadonlyMap<unknown, string> = new Map([
  ['EROFS', 'it lies on a read-only file system'],
  ['EACCES', 'permission denied. Run this as a user who may write it, such as root'],
  ['EPERM', 'permission denied. Run this as a user who may write it, such as root'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota is used up'],
  ['ENOTDIR', 'part of its path is not a directory'],
  // From mkdir.
  ['EEXIST', 'part of its path is not a directory'],
  // From mkdir, where not even the system's own directories can be added to: /proc.
  ['ENOENT', 'its directory does not exist and cannot be made'],
  ['EISDIR', 'it is a directory'],
])

/** A sentence for a failure to write a file that the user can do something about; any other failure as it is. */
export function explainWriteFailure(path: string, error: unknown): unknown {
  const reason = reasons.get(error instanceof Error && 'code' in error ? error.code : undefined)
  return reason === undefined
    ? error
    : new CliError('file', `Cannot write ${path}: ${reason}.`, { cause: error })
}
