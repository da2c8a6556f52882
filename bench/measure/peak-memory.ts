import { processTree, readProc } from './process-tree.ts'

const interval = 50

/** Watches the resident memory of a process and its descendants. */
export class PeakMemory {
  readonly #peaks = new Map<number, number>()
  readonly #timer: NodeJS.Timeout

  constructor(pid: number) {
    this.#timer = setInterval(() => this.#sample(pid), interval)
    this.#sample(pid)
  }

  /** The sum of the highest resident sizes so far of all processes seen, in bytes. */
  get bytes(): number {
    return [...this.#peaks.values()].reduce((total, peak) => total + peak, 0)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  // The kernel keeps the peak itself (VmHWM), so that sampling misses only the growth of a process's last moments.
  #sample(root: number): void {
    for (const pid of processTree(root)) {
      const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readProc(`${pid}/status`))
      if (peak !== null) this.#peaks.set(pid, Number(peak[1]) * 1024)
    }
  }
}
