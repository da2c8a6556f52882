// Entry of a cutting thread: reads and cuts one store path at a time, and compresses those of the chunks that the
// service lacks. Chunks stay here; what leaves are names and frames.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import { ByteQueue, type CutMemory } from '@cachix/protocol'
import type { PathInfo } from '../../nix/store-reader.ts'
import { ByteBudget } from '../byte-budget.ts'
import { readLocalNar } from '../nar-source.ts'
import { cutPath, type NamedChunk } from './cut-path.ts'
import { describeFailure } from './failure.ts'
import type { Order, Report } from './messages.ts'
import { packChunk } from './pack-chunk.ts'
import { UsedMemory } from './used-memory.ts'

/** More than what may wait until it is asked about, or nothing would move. */
const maxHeld = 16 * 1024 ** 2

const port = parentPort
if (port === null) throw new Error('This file is run in a worker thread only.')
const report = (message: Report, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)

const budget = new ByteBudget(maxHeld, () => undefined)
const chunkMemory = new UsedMemory(128 * 1024)
const frameMemory = new UsedMemory(32 * 1024)
const memory: CutMemory = { queue: new ByteQueue(), allocate: (size) => chunkMemory.allocate(size) }
const held = new Map<number, NamedChunk>()
let lastChunk = 0
let isStopped = false

port.on('message', (order: Order) => {
  if (order.what === 'cut') void cut(order.info)
  else if (order.what === 'stop') isStopped = true
  else if (order.what === 'drop') release(order.chunk)
  else if (order.what === 'reuse') frameMemory.release(order.memory)
  else void pack(order.chunk, order.level)
})

async function cut(info: PathInfo): Promise<void> {
  isStopped = false
  try {
    for await (const chunk of cutPath(info, readLocalNar(info), memory)) {
      await budget.acquire(chunk.bytes.length)
      // Otherwise no orders would be heard as long as there is room.
      await nextTurn()
      if (isStopped) {
        budget.release(chunk.bytes.length)
        chunkMemory.release(chunk.bytes.buffer)
        break
      }
      offer(chunk)
    }
    report({ what: 'end' })
  } catch (error) {
    report({ what: 'end', failure: describeFailure(error) })
  }
}

function offer(chunk: NamedChunk): void {
  const { bytes, hashes, name } = chunk
  held.set(++lastChunk, chunk)
  report({ what: 'chunk', chunk: lastChunk, name, size: bytes.length, hashes })
}

function release(number: number): void {
  const bytes = held.get(number)?.bytes
  if (bytes === undefined) return
  held.delete(number)
  budget.release(bytes.length)
  chunkMemory.release(bytes.buffer)
}

async function pack(number: number, level: number): Promise<void> {
  try {
    const chunk = held.get(number)
    if (chunk === undefined) throw new TypeError(`There is no chunk ${number}.`)
    const frame = await packChunk(chunk, { level, allocate: (size) => frameMemory.allocate(size) })
    report({ what: 'packed', chunk: number, frame }, [frame.bytes.buffer as ArrayBuffer])
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    report({ what: 'not-packed', chunk: number, message })
  } finally {
    release(number)
  }
}
