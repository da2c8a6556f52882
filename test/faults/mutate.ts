import type { Random } from './random.ts'

type Mutation = (bytes: Buffer, random: Random) => Buffer

const flipBit: Mutation = (bytes, random) => {
  const changed = Buffer.from(bytes)
  if (changed.length > 0) changed[random.below(changed.length)]! ^= 1 << random.below(8)
  return changed
}

const overwrite: Mutation = (bytes, random) => {
  const changed = Buffer.from(bytes)
  random.bytes(1 + random.below(16)).copy(changed, random.below(changed.length + 1))
  return changed
}

const insert: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.below(40)), bytes.subarray(at)])
}

const remove: Mutation = (bytes, random) => {
  const start = random.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + 1 + random.below(40))])
}

const cutShort: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1))

const repeatPart: Mutation = (bytes, random) => {
  const start = random.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, start + random.below(200)), bytes.subarray(start)])
}

/** Numbers in NARs are eight bytes, little-endian: sizes far beyond what follows. */
const hugeNumber: Mutation = (bytes, random) => {
  const changed = Buffer.from(bytes)
  const at = 8 * random.below(Math.floor(changed.length / 8) || 1)
  if (at + 8 <= changed.length) changed.writeBigUInt64LE(2n ** BigInt(random.below(64)), at)
  return changed
}

const mutations = [flipBit, flipBit, overwrite, insert, remove, cutShort, repeatPart, hugeNumber]

/** One to three small changes; now and then something else altogether. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  if (random.chance(0.02)) return random.bytes(random.below(2000))
  let changed = bytes
  for (let times = 1 + random.below(3); times > 0; times--) changed = random.pick(mutations)(changed, random)
  return changed
}

/** A JSON value with one member, however deep, replaced by what does not belong there. */
export function mutateJson(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.1)) return unexpectedValue(random)
  if (Array.isArray(value)) return [...(value as unknown[]), unexpectedValue(random)]
  const keys = Object.keys(value)
  const key = random.pick([...keys, 'unheardOf', '__proto__', 'constructor'])
  const changed: Record<string, unknown> = { ...value }
  if (random.chance(0.2)) delete changed[key]
  else changed[key] = mutateJson(changed[key], random)
  return changed
}

function unexpectedValue(random: Random): unknown {
  return random.pick<() => unknown>([
    () => null,
    () => true,
    () => -1,
    () => 1e308,
    () => 0.5,
    () => Number.MAX_SAFE_INTEGER,
    () => '',
    () => '\0',
    () => 'ä'.repeat(random.below(300)),
    () => random.bytes(40).toString('latin1'),
    () => 'x'.repeat(random.below(100_000)),
    () => [],
    () => ({}),
    () => Array.from({ length: random.below(2000) }, () => '0'.repeat(32)),
    () => nested(random.below(3000)),
    () => `${'0'.repeat(32)}-../../etc/passwd`,
  ])()
}

function nested(depth: number): unknown {
  let value: unknown = []
  for (let level = 0; level < depth; level++) value = [value]
  return value
}
