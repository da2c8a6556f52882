import { stripVTControlCharacters } from 'node:util'
import { readInt, readString, type Reading } from './daemon-wire.ts'

/** The version of the protocol spoken here, as the daemon writes versions: major × 256 + minor. */
export const protocolVersion = 0x0123

export const clientMagic = 0x6e697863
const daemonMagic = 0x6478696f

/** The daemon refused an operation. The message is its own. */
class DaemonRefusal extends Error {
  override readonly name = 'DaemonRefusal'
}

/** The daemon's half of the handshake. Returns the version both speak. */
export function* readGreeting(): Reading<number> {
  if ((yield* readInt()) !== daemonMagic) throw new Error('This is not the socket of a Nix daemon.')
  const version = Math.min(yield* readInt(), protocolVersion)
  if (version < oldestVersion) throw new Error('The Nix daemon is older than Nix 2.3.')
  if (version >= 0x0121) yield* readString()
  if (version >= 0x0123) yield* readInt()
  yield* readLog(version)
  return version
}

/** The protocol of Nix 2.3: older ones word their errors and path infos in other ways. */
const oldestVersion = 0x0115

/** Skips what the daemon logs before it answers. Throws DaemonRefusal when it answers with an error. */
export function* readLog(version: number): Reading<void> {
  for (;;) {
    const kind = yield* readInt()
    if (kind === messages.last) return
    if (kind === messages.error) throw new DaemonRefusal(yield* readError(version))
    yield* skipMessage(kind)
  }
}

const messages = {
  last: 0x616c7473,
  next: 0x6f6c6d67,
  error: 0x63787470,
  startActivity: 0x53545254,
  stopActivity: 0x53544f50,
  result: 0x52534c54,
} as const

function* skipMessage(kind: number): Reading<void> {
  if (kind === messages.next) yield* readString()
  else if (kind === messages.stopActivity) yield* readInt()
  else if (kind === messages.startActivity) yield* skipActivity()
  else if (kind === messages.result) yield* skipResult()
  else throw new Error(`The Nix daemon sent the unknown message 0x${kind.toString(16)}.`)
}

function* skipActivity(): Reading<void> {
  yield 24
  yield* readString()
  yield* skipFields()
  yield* readInt()
}

function* skipResult(): Reading<void> {
  yield 16
  yield* skipFields()
}

function* skipFields(): Reading<void> {
  for (let left = yield* readInt(); left > 0; left--) {
    if ((yield* readInt()) === 0) yield* readInt()
    else yield* readString()
  }
}

function* readError(version: number): Reading<string> {
  if (version < 0x011a) {
    const message = yield* readString()
    yield* readInt()
    return stripVTControlCharacters(message)
  }
  yield* readString()
  yield* readInt()
  yield* readString()
  const message = yield* readString()
  yield* readInt()
  for (let traces = yield* readInt(); traces > 0; traces--) {
    yield* readInt()
    yield* readString()
  }
  return stripVTControlCharacters(message)
}
