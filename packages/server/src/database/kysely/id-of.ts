/** The id of a row that must be there, for it was found or inserted just now. */
export function idOf(ids: ReadonlyMap<string, number | undefined>, name: string): number {
  const id = ids.get(name)
  if (id === undefined) throw new Error(`The database gave no id for ${name}.`)
  return id
}
