import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const remaining = new Set<string>()
process.once('exit', () => remaining.forEach(removeTree))

/** A directory that goes when it is disposed of, or at the latest with this process. */
export class TemporaryDirectory implements Disposable {
  readonly path: string

  constructor(purpose: string) {
    this.path = mkdtempSync(join(tmpdir(), `cachix-${purpose}-`))
    remaining.add(this.path)
  }

  [Symbol.dispose](): void {
    removeTree(this.path)
    remaining.delete(this.path)
  }
}

/** Also removes what Nix has made read-only. */
export function removeTree(path: string): void {
  execFileSync('sh', ['-c', 'chmod -R u+w "$0" 2>/dev/null; rm -rf "$0"', path])
}
