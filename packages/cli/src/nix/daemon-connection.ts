import { createConnection, type Socket } from 'node:net'
import { clientMagic, protocolVersion, readGreeting, readLog } from './daemon-answer.ts'
import { encodeInt, type Reading } from './daemon-wire.ts'

export interface Question<T> {
  readonly operation: number
  readonly args: (version: number) => readonly Uint8Array[]
  readonly read: (version: number) => Reading<T>
}

/** The connection ended before this question was answered. It may be asked again on another. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

interface Pending {
  readonly reading: Reading<void>
  readonly reject: (error: unknown) => void
}

/**
 * One connection to the Nix daemon. Questions may be asked without waiting for earlier answers, which come in
 * order. After a refusal some daemons repeat it and hang up, so the connection is over then, and whatever else was
 * asked ends in ConnectionLost.
 */
export class DaemonConnection {
  readonly #socket: Socket
  readonly #input = new ByteQueue()
  readonly #pending: Pending[] = []
  #wanted: number | undefined
  #version = 0
  #open = true

  /** Connects and shakes hands. Throws the system's error, such as ENOENT, when nobody listens. */
  static async connect(socketPath: string): Promise<DaemonConnection> {
    const connection = new DaemonConnection(createConnection({ path: socketPath }))
    const greeting = [clientMagic, protocolVersion, 0, 0].map(encodeInt)
    connection.#version = await connection.#send(greeting, readGreeting())
    return connection
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes) => {
      this.#input.push(bytes)
      this.#advance()
    })
    socket.on('error', (error) => this.#end(this.#version === 0 ? error : new ConnectionLost(error.message)))
    socket.on('close', () => this.#end(new ConnectionLost('The Nix daemon closed the connection.')))
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** Throws DaemonRefusal when the daemon answers with an error. */
  ask<T>(question: Question<T>): Promise<T> {
    return this.#send(
      [encodeInt(question.operation), ...question.args(this.#version)],
      this.#readAnswer(question),
    )
  }

  close(): void {
    this.#end(new ConnectionLost('The connection to the Nix daemon was closed.'))
  }

  *#readAnswer<T>(question: Question<T>): Reading<T> {
    yield* readLog(this.#version)
    return yield* question.read(this.#version)
  }

  #send<T>(message: readonly Uint8Array[], answer: Reading<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.#open) return reject(new ConnectionLost('The connection to the Nix daemon is closed.'))
      this.#pending.push({ reading: settle(answer, resolve), reject })
      this.#socket.write(Buffer.concat(message))
    })
  }

  #advance(): void {
    try {
      while (this.#open && this.#step());
    } catch (error) {
      this.#end(error)
    }
  }

  /** Gives the answer being read what it wants. False when more has to come first. */
  #step(): boolean {
    const reading = this.#pending[0]?.reading
    if (reading === undefined) return false
    if (this.#wanted === undefined) this.#take(reading.next())
    else if (this.#input.length >= this.#wanted) this.#take(reading.next(this.#input.take(this.#wanted)))
    else return false
    return true
  }

  #take(step: IteratorResult<number, void>): void {
    this.#wanted = step.done === true ? undefined : step.value
    if (step.done === true) this.#pending.shift()
  }

  #end(error: unknown): void {
    if (!this.#open) return
    this.#open = false
    this.#socket.destroy()
    const [first, ...rest] = this.#pending.splice(0)
    first?.reject(error)
    for (const pending of rest) pending.reject(new ConnectionLost('The Nix daemon closed the connection.'))
  }
}

function* settle<T>(answer: Reading<T>, resolve: (value: T) => void): Reading<void> {
  resolve(yield* answer)
}

class ByteQueue {
  #blocks: Uint8Array[] = []
  length = 0

  push(bytes: Uint8Array): void {
    this.#blocks.push(bytes)
    this.length += bytes.length
  }

  /** The next bytes, of which there must be as many. */
  take(count: number): Uint8Array {
    if ((this.#blocks[0]?.length ?? 0) < count) this.#blocks = [Buffer.concat(this.#blocks)]
    const first = this.#blocks[0] ?? new Uint8Array()
    const taken = first.subarray(0, count)
    if (taken.length === first.length) this.#blocks.shift()
    else this.#blocks[0] = first.subarray(count)
    this.length -= count
    return taken
  }
}
