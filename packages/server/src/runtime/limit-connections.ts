import type { Server, Socket } from 'node:net'
import type { ConnectionLimit } from './runtime.ts'

/** Closes at once what is one connection too many of an address. */
export function limitConnections(server: Server, { most, addressOf }: ConnectionLimit): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = addressOf(socket.remoteAddress ?? '')
    if (address === undefined) return
    const count = open.get(address) ?? 0
    if (count >= most) {
      socket.destroy()
      return
    }
    open.set(address, count + 1)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  })
}
