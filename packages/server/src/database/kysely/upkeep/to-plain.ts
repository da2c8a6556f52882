/** SQLite's rows have no prototype. */
export function toPlain<Row extends object>(row: Row): Row {
  return { ...row }
}
