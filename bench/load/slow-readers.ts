import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

interface SlowReaders {
  readonly count: number
  /** Bytes each reader takes per second. */
  readonly rate: number
  readonly seconds: number
}

/** Opens many downloads of one URL at once, reads them slowly for a while and breaks them off. */
export async function readSlowly(url: URL, { count, rate, seconds }: SlowReaders): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: count }, () => request(url)))
  const starts = new Map<Socket, string>()
  for (let second = 0; second < seconds; second++) {
    await delay(1000)
    for (const socket of sockets) take(socket, rate, starts)
  }
  for (const socket of sockets) socket.destroy()
  const served = [...starts.values()].filter((start) => start.startsWith('HTTP/1.1 200'))
  if (served.length !== count) throw new Error(`${served.length} of ${count} slow readers were served`)
}

function request({ hostname, port, host, pathname }: URL): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) })
    socket.on('error', reject)
    socket.on('connect', () => {
      socket.pause()
      socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
      resolve(socket)
    })
  })
}

function take(socket: Socket, size: number, starts: Map<Socket, string>): void {
  const bytes = socket.read(Math.min(size, socket.readableLength)) as Buffer | null
  if (bytes !== null && !starts.has(socket)) starts.set(socket, bytes.toString('latin1', 0, 12))
}
