import { createInterface } from 'node:readline'
import type { Terminal } from '../context.ts'

/** The line that somebody at the terminal types in answer to a question; empty if they end the input instead. */
export async function askLine(
  { stdin, stderr }: Pick<Terminal, 'stdin' | 'stderr'>,
  question: string,
): Promise<string> {
  stderr.write(question)
  const lines = createInterface({ input: stdin })
  try {
    for await (const line of lines) return line.trim()
    return ''
  } finally {
    lines.close()
  }
}
