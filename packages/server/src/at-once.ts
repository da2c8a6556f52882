/**
 * Either there already or still to come. For what the most frequent requests wait for: they are answered at once where
 * nothing has to be waited for, since a promise would cost them more than the query does.
 */
export type AtOnce<Value> = Value | Promise<Value>

/** `then` for both: called before this returns if the value is there. */
export function andThen<Value, Result>(
  value: AtOnce<Value>,
  step: (value: Value) => AtOnce<Result>,
): AtOnce<Result> {
  return value instanceof Promise ? value.then(step) : step(value)
}
