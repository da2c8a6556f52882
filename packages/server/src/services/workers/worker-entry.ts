// Entry of a worker thread: does one job at a time.

import { parentPort } from 'node:worker_threads'

import { CacheError } from '../../cache-error.ts'
import { spareMemory } from '../../spare-memory.ts'
import { jobs } from './jobs.ts'
import type { JobContext } from './job-context.ts'
import type { JobAnswer, JobOrder, PrepareOrder } from './worker-thread.ts'

const port = parentPort
if (port === null) throw new Error('This file is run in a worker thread only.')
port.on('message', (order: JobOrder | PrepareOrder) => {
  if ('prepare' in order) void prepare(order)
  else void answer(order).then((answered) => port.postMessage(answered))
})

/** What fails here fails again when the job is to be done, which then says so. */
async function prepare(order: PrepareOrder): Promise<void> {
  await jobs[order.prepare]().catch(() => undefined)
}

async function answer({ name, task, limits, cancelled }: JobOrder): Promise<JobAnswer> {
  const context = {
    limits,
    checkCancelled() {
      spareMemory()
      if (Atomics.load(cancelled, 0) !== 0) throw new Error('cancelled')
    },
  }
  try {
    const job = (await jobs[name]()) as (task: unknown, context: JobContext) => unknown
    return { outcome: 'done', result: await job(task, context) }
  } catch (error) {
    if (error instanceof CacheError) return { outcome: 'refused', code: error.code, message: error.message }
    return { outcome: 'failed', message: String(error) }
  }
}
