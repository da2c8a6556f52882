/** A measurement that can be repeated: resolves to one number. */
export type Measurement = () => Promise<number>

/**
 * Measures competitors in turn, round after round, so that whatever else the machine does hits all of them alike.
 * Every other round goes backwards, so that none always runs after the same other one.
 */
export async function interleave<Name extends string>(
  rounds: number,
  competitors: Record<Name, Measurement>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(competitors) as Name[]
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed())
      samples[name].push(await competitors[name]())
  }
  return samples
}
