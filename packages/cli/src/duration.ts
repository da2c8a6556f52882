import { InvalidArgumentError } from '@commander-js/extra-typings'

const units: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 7 * 86_400,
  y: 365 * 86_400,
}

/** Seconds, of `90s`, `15m`, `12h`, `30d`, `4w` or `1y`. Throws InvalidArgumentError, as the parser of an option does. */
export function parseDuration(text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhdwy])$/.exec(text) ?? []
  const seconds = Number(count) * (units[unit] ?? Number.NaN)
  if (seconds > 0) return seconds
  throw new InvalidArgumentError('It must be a number and a unit, such as 15m, 12h, 30d or 1y.')
}
