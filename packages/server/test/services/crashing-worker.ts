// The worker thread as it is, but files named `crash` kill it. The trap must be the first to hear of a file.
import './crash-trap.ts'
import '../../src/services/workers/worker-entry.ts'
