import { access, readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { storeHashOfFile, UselessFileError, type CacheSource } from './cache-source.ts'

/** A cache in a directory, as `nix copy --to file://DIR` makes it. */
export function openFileSource(url: URL): CacheSource {
  const directory = resolve(decodeURIComponent(url.pathname))
  return {
    name: `file://${directory}`,

    async readText(name) {
      try {
        return await readFile(join(directory, name), 'utf8')
      } catch (error) {
        if (isAbsence(error)) return undefined
        throw unreadable(join(directory, name), error)
      }
    },

    async fetchNar(narUrl) {
      const path = resolve(directory, narUrl)
      if (!path.startsWith(`${directory}/`)) throw unreadable(narUrl, 'it is outside of the cache')
      try {
        await access(path)
      } catch (error) {
        throw unreadable(path, error)
      }
      return path
    },

    async list() {
      try {
        return (await readdir(directory)).flatMap(storeHashOfFile)
      } catch (error) {
        throw unreadable(directory, error)
      }
    },
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function unreadable(path: string, cause: unknown): UselessFileError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new UselessFileError(`${path} cannot be read: ${reason}`, { cause })
}
