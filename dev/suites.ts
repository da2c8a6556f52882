/** A run of tests by one test runner, counted and reported as a whole. */
export interface Suite {
  readonly name: string
  readonly runner: 'node' | 'bun'
  /** Glob patterns for Node's runner; folders for Bun's. */
  readonly files: readonly string[]
  readonly options: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutMinutes: number
}

/** What the server and the command line under test run on. The tests that start them as programs run on Node. */
const runtimes = ['bun', 'node'] as const

const unitOnNode: Suite = {
  name: 'unit on node',
  runner: 'node',
  files: ['packages/*/test/**/*.test.ts'],
  options: ['--test-timeout=120000'],
  environment: {},
  timeoutMinutes: 10,
}

const unitOnBun: Suite = {
  name: 'unit on bun',
  runner: 'bun',
  files: ['./packages'],
  options: ['--timeout=120000', '--only-failures'],
  environment: {},
  timeoutMinutes: 10,
}

export const suites: readonly Suite[] = [
  unitOnNode,
  unitOnBun,
  ...runtimes.map((runtime): Suite => ({
    name: `end to end on ${runtime}`,
    runner: 'node',
    files: ['test/e2e/**/*.test.ts'],
    options: ['--test-timeout=300000', '--test-concurrency=2'],
    environment: { RUNTIME: runtime },
    timeoutMinutes: 15,
  })),
  ...runtimes.map((runtime): Suite => ({
    name: `faults on ${runtime}`,
    runner: 'node',
    files: ['test/faults/**/*.test.ts'],
    options: ['--test-timeout=600000'],
    environment: { RUNTIME: runtime },
    timeoutMinutes: 20,
  })),
]
