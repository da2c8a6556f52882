/** How many tests did what. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const noTests: TestCounts = { passed: 0, failed: 0, skipped: 0 }

export function addCounts(one: TestCounts, other: TestCounts): TestCounts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  }
}

/** `N passed, N failed`, followed by `, N skipped` where there are any. */
export function renderCounts(counts: TestCounts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`
}

/** Counts the test cases of a JUnit report as Node's and Bun's test runners write it. Their own totals differ in meaning. */
export function countJUnit(report: string): TestCounts {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const testCase of report.split('<testcase ').slice(1)) counts[outcomeOf(testCase)] += 1
  return counts
}

function outcomeOf(testCase: string): keyof TestCounts {
  const attributes = testCase.slice(0, testCase.indexOf('\n'))
  if (attributes.endsWith('/>')) return 'passed'
  if (/<(?:failure|error)[ />]/.test(testCase)) return 'failed'
  return /<skipped[ />]/.test(testCase) ? 'skipped' : 'passed'
}
