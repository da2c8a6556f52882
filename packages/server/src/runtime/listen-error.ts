import { CacheError } from '../cache-error.ts'

/** Why an address could not be listened on, in words. Anything unexpected comes back as it was. */
export function listenError(error: unknown, { host, port }: { host: string; port: number }): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const address = `${host}:${port}`
  if (code === 'EADDRINUSE')
    return new CacheError(
      'unavailable',
      `Something is already listening on ${address}. Stop it, or choose another address with --listen HOST:PORT.`,
      { cause: error },
    )
  if (code === 'EACCES' || code === 'EPERM')
    return new CacheError(
      'unavailable',
      `Not allowed to listen on ${address}. Ports below 1024 need privileges; choose another with --listen HOST:PORT.`,
      { cause: error },
    )
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new CacheError(
      'unavailable',
      `${host} is not an address of this machine. Choose another with --listen HOST:PORT.`,
      {
        cause: error,
      },
    )
  return error
}
