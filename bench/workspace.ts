import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { repository } from '../test/harness/runtime.ts'

const scratch = `${repository}/.dev/bench/scratch`

/** A directory for the duration of a measurement, on the disk of the checkout: /tmp may be memory. */
export class Workspace implements Disposable {
  readonly path: string

  constructor(name: string) {
    mkdirSync(scratch, { recursive: true })
    this.path = mkdtempSync(`${scratch}/${name}-`)
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
