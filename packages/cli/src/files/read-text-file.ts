import { readFile } from 'node:fs/promises'
import { CliError } from '../cli-error.ts'

/** The text of a file, or undefined where there is none. Throws CliError when it is there but cannot be read. */
export async function readTextFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new CliError(
      'file',
      `Cannot read ${path}: ${code === 'EACCES' ? 'permission denied' : String(code)}.`,
      { cause: error },
    )
  }
}
