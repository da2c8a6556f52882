/** So many rows at once that few statements are needed, and few enough for the limits on parameters. */
const sliceSize = 100

/** For inserting any number of rows: gives what all the inserts of some of them gave, in no order. */
export async function inSlices<Row, Result>(
  rows: readonly Row[],
  insert: (slice: readonly Row[]) => Promise<readonly Result[]>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let at = 0; at < rows.length; at += sliceSize) {
    results.push(...(await insert(rows.slice(at, at + sliceSize))))
  }
  return results
}
