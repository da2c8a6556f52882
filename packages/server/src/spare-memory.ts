// Bun lets garbage grow with the memory of the machine: on one of 24 GB a server that needs 150 MB while it takes in a
// push grows to 280. Collecting all the time costs a third more processor time; collecting when the process has become
// large keeps it from growing and costs a few per cent. Each thread has a heap of its own, and can collect that only.

/** Bytes of the whole process. */
const large = 200e6
/** Milliseconds: memory that is in use does not go away by collecting, and must not have all the time spent on it. */
const pause = 1000
/** Milliseconds. */
const interval = 200

export interface Memory {
  /** Resident bytes of the process. */
  resident(): number
  /** Frees what this thread has no use for any more. */
  collect(): void
  /** Milliseconds. */
  now(): number
}

/** Gives what a thread calls now and then: it collects garbage if the process is large and that was not done just now. */
export function sparing(memory: Memory): () => void {
  let looked = -Infinity
  let collected = -Infinity
  return () => {
    const now = memory.now()
    if (now - looked < interval || now - collected < pause) return
    looked = now
    if (memory.resident() < large) return
    memory.collect()
    collected = now
  }
}

const isBun = 'Bun' in globalThis

/** The same for this thread and runtime. Node has no such call: nothing is done there. */
export const spareMemory: () => void = isBun
  ? sparing({
      resident: () => process.memoryUsage.rss(),
      collect: collector(),
      now: () => performance.now(),
    })
  : () => undefined

/** Until it is called, has the thread that serves do so by itself. */
export function keepSparing(): () => void {
  if (!isBun) return () => undefined
  const timer = setInterval(spareMemory, interval).unref()
  return () => clearInterval(timer)
}

function collector(): () => void {
  const engine = process.getBuiltinModule('bun:jsc') as unknown as { fullGC(): void }
  return () => engine.fullGC()
}
