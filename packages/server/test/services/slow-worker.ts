// A worker thread that does nothing for as many milliseconds as the file is named, and then tells its number.

import { setTimeout as pause } from 'node:timers/promises'
import { parentPort, threadId } from 'node:worker_threads'
import type { JobAnswer } from '../../src/services/workers/worker-thread.ts'

const port = parentPort
if (port === null) throw new Error('This file is run in a worker thread only.')
port.on('message', ({ task }: { readonly task: { readonly paths: readonly string[] } }) => {
  void work(Number(task.paths[0])).then((answer) => port.postMessage(answer))
})

async function work(milliseconds: number): Promise<JobAnswer> {
  await pause(milliseconds)
  return { outcome: 'done', result: threadId }
}
