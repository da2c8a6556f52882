import { z } from 'zod'

interface Range {
  readonly least: number
  readonly most?: number
}

/** A setting in decimal digits. An empty one is refused: a variable that a script left empty must not mean 0. */
export function decimal(range: Range): z.ZodType<number, string> {
  return digits(/^\d+(?:\.\d+)?$/, 'number', range)
}

/** A setting without a fraction; as strict as `decimal`. */
export function wholeNumber(range: Range): z.ZodType<number, string> {
  return digits(/^\d+$/, 'whole number', range)
}

function digits(pattern: RegExp, kind: string, { least, most = Number.MAX_SAFE_INTEGER }: Range) {
  const bounds = most === Number.MAX_SAFE_INTEGER ? `${least} on` : `${least} to ${most}`
  const isRight = (text: string) => pattern.test(text) && Number(text) >= least && Number(text) <= most
  return z.string().refine(isRight, `must be a ${kind} from ${bounds}`).transform(Number)
}
