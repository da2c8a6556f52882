import { Readable, Writable } from 'node:stream'
import { main } from '../src/main.ts'

export interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command line in this process, as if typed with these variables set and this on standard input. */
export async function runCli(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  input = '',
): Promise<Outcome> {
  const stdout = new TextSink()
  const stderr = new TextSink()
  const status = await main(args, { environment, stdin: Readable.from([Buffer.from(input)]), stdout, stderr })
  return { status, stdout: stdout.text, stderr: stderr.text }
}

class TextSink extends Writable {
  text = ''

  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.text += piece.toString()
    done()
  }
}
