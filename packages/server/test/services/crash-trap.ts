import { parentPort } from 'node:worker_threads'

import type { VerifyTask } from '../../src/services/verify/verifier-thread.ts'

parentPort?.on('message', ({ path }: VerifyTask) => {
  if (path.endsWith('/crash')) process.exit(1)
})
