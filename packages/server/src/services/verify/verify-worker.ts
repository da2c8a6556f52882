// Entry of a worker thread: verifies one spooled file at a time.

import { parentPort } from 'node:worker_threads'

import { CacheError } from '../../cache-error.ts'
import { readBlocks } from './read-blocks.ts'
import { verifyNar } from './verify-nar.ts'
import type { VerifiedNar } from './verify-nar.ts'
import type { VerifyAnswer, VerifyTask } from './verifier-thread.ts'

const port = parentPort
if (port === null) throw new Error('This file is run in a worker thread only.')
port.on('message', (task: VerifyTask) => port.postMessage(answer(task)))

function answer(task: VerifyTask): VerifyAnswer {
  try {
    return { outcome: 'verified', nar: verify(task) }
  } catch (error) {
    if (error instanceof CacheError) return { outcome: 'refused', code: error.code, message: error.message }
    return { outcome: 'failed', message: String(error) }
  }
}

function verify({ path, limits, cancelled }: VerifyTask): VerifiedNar {
  return verifyNar(readBlocks(path), limits, () => {
    if (Atomics.load(cancelled, 0) !== 0) throw new Error('cancelled')
  })
}
