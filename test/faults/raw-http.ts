import { connect } from 'node:net'

/** A request byte by byte, so that it may be as wrong as it likes. */
export interface RawRequest {
  readonly bytes: Buffer
  /** Whether a server has to answer it. Where it need not, the connection is cut after a moment. */
  readonly wantsAnswer: boolean
}

export interface RawAnswer {
  /** 0 where nothing came that begins like an answer. */
  readonly status: number
  readonly text: string
  /** The server hung up on a large body, as it may when it does not want it. Its answer can be lost over that. */
  readonly hungUp: boolean
}

/** More than what is on its way at once. */
const largeBody = 64 * 1024
const answerTimeout = 20_000
const patienceWithoutAnswer = 25

/** Sends a request on a connection of its own. Rejects when an answer is due and none has come in 20 seconds. */
export function exchange(port: number, request: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const blocks: Buffer[] = []
    let hungUp = false
    const socket = connect(port, '127.0.0.1')
    const finish = (): void => {
      clearTimeout(limit)
      socket.destroy()
      resolve({ ...readAnswer(Buffer.concat(blocks)), hungUp })
    }
    const giveUp = (): void => {
      if (!request.wantsAnswer) return finish()
      socket.destroy()
      reject(
        new Error(
          `No whole answer in ${answerTimeout} ms; so far: ${Buffer.concat(blocks).toString('latin1')}`,
        ),
      )
    }
    const limit = setTimeout(giveUp, request.wantsAnswer ? answerTimeout : patienceWithoutAnswer)
    socket.on('data', (block) => {
      blocks.push(block)
      if (isWhole(Buffer.concat(blocks), request)) finish()
    })
    socket.on('error', () => {
      hungUp = request.bytes.length > largeBody
      finish()
    })
    socket.on('close', finish)
    socket.write(request.bytes)
  })
}

function readAnswer(bytes: Buffer): Pick<RawAnswer, 'status' | 'text'> {
  const text = bytes.toString('latin1')
  return { status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0), text }
}

function isWhole(bytes: Buffer, request: RawRequest): boolean {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return false
  const head = bytes.toString('latin1', 0, end)
  if (/^HTTP\/1\.1 1\d\d/.test(head)) return isWhole(bytes.subarray(end + 4), request)
  if (request.bytes.subarray(0, 5).toString() === 'HEAD ' || /^HTTP\/1\.1 (204|304)/.test(head)) return true
  const length = /^content-length: *(\d+)/im.exec(head)?.[1]
  if (length !== undefined) return bytes.length >= end + 4 + Number(length)
  return /^transfer-encoding: *chunked/im.test(head) && bytes.subarray(-5).toString() === '0\r\n\r\n'
}
