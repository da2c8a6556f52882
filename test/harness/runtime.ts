import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** What the programs under test run on; the tests themselves always run on Node. */
export const runtime = readRuntime()

/** The command line as people run it from a checkout, on the chosen runtime. */
export const cachix: readonly string[] = ['env', `CACHIX_RUNTIME=${runtime}`, `${repository}/cachix`]

function readRuntime(): 'bun' | 'node' {
  const chosen = process.env['RUNTIME'] ?? 'bun'
  if (chosen === 'bun' || chosen === 'node') return chosen
  throw new Error(`RUNTIME is '${chosen}': choose bun or node.`)
}
