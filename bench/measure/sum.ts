/** Adds up what is measured of each thing, one after another. */
export async function sum<Item>(
  items: readonly Item[],
  measure: (item: Item) => Promise<number>,
): Promise<number> {
  let total = 0
  for (const item of items) total += await measure(item)
  return total
}
