import { parentPort } from 'node:worker_threads'

import type { UploadedFile } from '../../src/services/workers/check-upload.ts'
import type { JobOrder } from '../../src/services/workers/worker-thread.ts'

parentPort?.on('message', ({ task }: JobOrder) => {
  if ((task as UploadedFile).path.endsWith('/crash')) process.exit(1)
})
