/** Runs the test suites one after another and ends with the line that counts their tests. Started by `dev/test`. */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { suites, type Suite } from './suites.ts'
import { addCounts, countJUnit, noTests, renderCounts, type TestCounts } from './test-counts.ts'

const logFolder = '.dev/test'
const linesShownOfFailure = 150

interface SuiteResult {
  readonly counts: TestCounts
  /** Why the suite did not pass although no test of it failed. */
  readonly trouble: string | undefined
}

process.exitCode = await runSuites(process.argv.slice(2))

async function runSuites(patterns: readonly string[]): Promise<number> {
  const chosen = suites.filter(
    ({ name }) => patterns.length === 0 || patterns.some((part) => name.includes(part)),
  )
  mkdirSync(logFolder, { recursive: true })
  let total = noTests
  for (const suite of chosen) {
    const { counts } = await runAndReport(suite)
    total = addCounts(total, counts)
  }
  console.log(`\n${renderCounts(total)}`)
  return total.failed === 0 && total.passed > 0 ? 0 : 1
}

async function runAndReport(suite: Suite): Promise<SuiteResult> {
  console.log(`\n${suite.name} …`)
  const started = performance.now()
  const result = await runSuite(suite)
  const seconds = Math.round((performance.now() - started) / 1000)
  if (result.counts.failed > 0) showLog(suite)
  if (result.trouble !== undefined) console.log(`  ${result.trouble}`)
  console.log(`${suite.name}: ${renderCounts(result.counts)} (${seconds} s)`)
  return result
}

async function runSuite(suite: Suite): Promise<SuiteResult> {
  rmSync(reportFile(suite), { force: true })
  const exit = await runToLog(suite)
  const counts = readReport(suite)
  const trouble = troubleOf(counts, exit)
  return { counts: trouble === undefined ? counts : addCounts(counts, { ...noTests, failed: 1 }), trouble }
}

/** A suite without a failed test has failed all the same when its runner says so or has nothing to show. */
function troubleOf(counts: TestCounts, exit: string): string | undefined {
  if (counts.failed > 0) return undefined
  if (exit !== '0') return `The test runner ended with ${exit}.`
  return counts.passed === 0 ? 'The suite ran no tests.' : undefined
}

function readReport(suite: Suite): TestCounts {
  try {
    return countJUnit(readFileSync(reportFile(suite), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return noTests
    throw error
  }
}

/** Runs a suite with its output in a log file. Gives its exit status, or the signal or time limit that ended it. */
function runToLog(suite: Suite): Promise<string> {
  const log = openSync(logFile(suite), 'w')
  const child = spawn(`node_modules/.bin/${suite.runner}`, testArguments(suite), {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...suite.environment },
    detached: true,
  })
  closeSync(log)
  const stop = (): void => killGroup(child.pid)
  const stopAll = (): void => {
    stop()
    process.exit(130)
  }
  process.once('SIGINT', stopAll).once('SIGTERM', stopAll)
  return new Promise<string>((resolve, reject) => {
    const limit = setTimeout(() => {
      stop()
      resolve(`a time-out after ${suite.timeoutMinutes} minutes`)
    }, suite.timeoutMinutes * 60_000)
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      clearTimeout(limit)
      resolve(signal ?? String(code))
    })
  }).finally(() => process.off('SIGINT', stopAll).off('SIGTERM', stopAll))
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function testArguments(suite: Suite): string[] {
  const report = reportFile(suite)
  if (suite.runner === 'bun') {
    return ['test', '--reporter=junit', `--reporter-outfile=${report}`, ...suite.options, ...suite.files]
  }
  const reporters = [
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=junit',
    `--test-reporter-destination=${report}`,
  ]
  return ['--test', ...reporters, ...suite.options, ...suite.files]
}

/** The end of the log: both runners sum up the failures there. */
function showLog(suite: Suite): void {
  const lines = readFileSync(logFile(suite), 'utf8').trimEnd().split('\n')
  console.log(
    lines
      .slice(-linesShownOfFailure)
      .map((line) => `  | ${line}`)
      .join('\n'),
  )
  console.log(`  (all of it: ${logFile(suite)})`)
}

function logFile(suite: Suite): string {
  return `${logFolder}/${suite.name.replaceAll(' ', '-')}.log`
}

function reportFile(suite: Suite): string {
  return `${logFolder}/${suite.name.replaceAll(' ', '-')}.xml`
}
