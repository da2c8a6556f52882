import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the range from which the system takes ports for outgoing connections, which would come in the way of a restart. */
const range = [15_000, 32_000] as const

/** A port of the loopback interface that nothing listened on a moment ago. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(...range)
    if (await isFree(port)) return port
  }
  throw new Error('There is no free port.')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
