import { Readable, Writable } from 'node:stream'
import { main } from '../src/main.ts'

export interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command line in this process, as if typed with these variables set and this on standard input, or typed there. */
export async function runCli(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  input: string | { readonly typed: string } = '',
): Promise<Outcome> {
  const stdout = new TextSink()
  const stderr = new TextSink()
  const isTTY = typeof input !== 'string'
  const bytes = Readable.from([Buffer.from(isTTY ? input.typed : input)])
  const stdin = Object.assign(bytes, { isTTY })
  const status = await main(args, { environment, stdin, stdout, stderr })
  return { status, stdout: stdout.text, stderr: stderr.text }
}

class TextSink extends Writable {
  text = ''

  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.text += piece.toString()
    done()
  }
}
