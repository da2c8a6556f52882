import type { Runtime } from './runtime.ts'

/** The runtime this process runs on. */
export async function currentRuntime(): Promise<Runtime> {
  if ('Bun' in globalThis) return (await import('./bun-runtime.ts')).bunRuntime
  return (await import('./node-runtime.ts')).nodeRuntime
}
