import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** A TCP connection that speaks HTTP by hand, for what no client library lets one do. */
export interface RawConnection {
  readonly socket: Socket
  send(text: string | Uint8Array): void
  /** Everything received so far, once it contains `text`. */
  until(text: string): Promise<string>
  /** Everything received, once the other side has closed. */
  rest(): Promise<string>
}

export async function rawConnection(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1')
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  let received = ''
  socket.on('data', (bytes: Buffer) => (received += bytes.toString('latin1')))
  // A reset by the server is an end like any other here.
  socket.on('error', () => undefined)
  const settled = (done: () => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (!done()) return
        socket.off('data', check)
        resolve(received)
      }
      socket.on('data', check)
      socket.once('close', () =>
        done() ? resolve(received) : reject(new Error(`Closed after: ${received}`)),
      )
      check()
    })
  return {
    socket,
    send: (text) => void socket.write(text),
    until: (text) => settled(() => received.includes(text)),
    rest: () => settled(() => socket.closed),
  }
}
