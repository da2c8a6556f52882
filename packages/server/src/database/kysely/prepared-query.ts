import type { Compilable } from 'kysely'
import type { AtOnce } from '../../at-once.ts'
import type { SqlBackend } from './sql-backend.ts'

/**
 * Compiles the query that `build` makes of its arguments, once, and returns a function that runs it with actual
 * arguments and gives the first row. `build` must use its arguments as plain values and no others.
 */
export function prepareQuery<Arguments extends readonly (string | number)[], Row>(
  backend: SqlBackend,
  build: (...parameters: Arguments) => Compilable<Row>,
): (...parameters: Arguments) => AtOnce<Row | undefined> {
  const { sql, parameters } = build(...(placeholders(build.length) as unknown as Arguments)).compile()
  const order = parameters.map(argumentIndex)
  const run = backend.prepareFirst<Row>(sql)
  return (...actual) => run(order.map((index) => actual[index]))
}

class Placeholder {
  readonly index: number

  constructor(index: number) {
    this.index = index
  }
}

function placeholders(count: number): Placeholder[] {
  return Array.from({ length: count }, (_, index) => new Placeholder(index))
}

function argumentIndex(parameter: unknown): number {
  if (!(parameter instanceof Placeholder))
    throw new TypeError('A prepared query takes all values as arguments.')
  return parameter.index
}
