export interface Interrupt {
  /** Aborted by the first Ctrl-C or SIGTERM. The second ends the process as usual. */
  readonly signal: AbortSignal
  stopListening(): void
}

/** Until `stopListening`, which gives Ctrl-C its usual meaning back. */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  for (const name of signals) process.once(name, abort)
  return {
    signal: controller.signal,
    stopListening: () => {
      for (const name of signals) process.off(name, abort)
    },
  }
}

const signals = ['SIGINT', 'SIGTERM'] as const
