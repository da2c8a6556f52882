import type { CachixServer } from '../harness/cachix-server.ts'
import type { Random } from './random.ts'

/** What the service's own description says of one operation of its API. */
export interface Operation {
  readonly method: string
  /** With parameters in braces. */
  readonly path: string
  /** The type of its body, if it takes one, and the shape, if it is JSON. */
  readonly body: { readonly type: string; readonly schema: Schema | undefined } | undefined
}

/** As much of JSON Schema as descriptions have. */
export interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly pattern?: string
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>
}

interface DescribedOperation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> }
}

/** All there are: what is added to the service is attacked without being named here. */
export async function readOperations(server: CachixServer): Promise<Operation[]> {
  const response = await fetch(`${server.url}/api/v1/openapi.json`)
  const { paths } = (await response.json()) as Description
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { requestBody }]) => {
      const [content] = Object.entries(requestBody?.content ?? {})
      const body = content && { type: content[0], schema: content[1].schema }
      return { method: method.toUpperCase(), path, body }
    }),
  )
}

/** A value of that shape, out of texts that mean something to the service where they fit. */
export function valueOf(schema: Schema, texts: readonly string[], random: Random): unknown {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return valueOf(random.pick(choices), texts, random)
  if (schema.enum !== undefined) return random.pick(schema.enum)
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['null'])
  return (makers[random.pick(types)] ?? (() => null))(schema, texts, random)
}

const makers: Readonly<Record<string, typeof valueOf>> = {
  object: objectOf,
  array: ({ items = {} }, texts, random) =>
    Array.from({ length: random.below(4) }, () => valueOf(items, texts, random)),
  string: textOf,
  integer: (_schema, _texts, random) => random.pick([0, 1, 2, 17, 4096, 1e6, 2 ** 40]),
  number: (_schema, _texts, random) => random.pick([0, 0.5, 2 ** 40]),
  boolean: (_schema, _texts, random) => random.chance(0.5),
}

function objectOf(
  { properties = {}, required = [] }: Schema,
  texts: readonly string[],
  random: Random,
): Record<string, unknown> {
  const members = Object.entries(properties).filter(([name]) => required.includes(name) || random.chance(0.5))
  return Object.fromEntries(members.map(([name, schema]) => [name, valueOf(schema, texts, random)]))
}

function textOf({ pattern }: Schema, texts: readonly string[], random: Random): string {
  const expression = pattern === undefined ? undefined : regularExpression(pattern)
  const fitting = expression === undefined ? texts : texts.filter((text) => expression.test(text))
  return fitting.length === 0 ? '' : random.pick(fitting)
}

/** Descriptions have them as JSON Schema does, and as JavaScript writes them with flags. */
function regularExpression(pattern: string): RegExp {
  const withFlags = /^(.*)\/([a-z]*)$/s.exec(pattern)
  return withFlags?.[1] !== undefined && withFlags[1].startsWith('^')
    ? new RegExp(withFlags[1], withFlags[2])
    : new RegExp(pattern, 'u')
}
