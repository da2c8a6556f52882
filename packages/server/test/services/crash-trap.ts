import { parentPort } from 'node:worker_threads'

import type { UploadedFile } from '../../src/services/workers/uploaded-file.ts'
import type { JobOrder } from '../../src/services/workers/worker-thread.ts'

parentPort?.on('message', ({ task }: JobOrder) => {
  if ((task as UploadedFile).paths[0]?.endsWith('/crash')) process.exit(1)
})
