import { readFileSync, readdirSync } from 'node:fs'

/** A file made by real Nix; `golden/make` holds the commands. */
export function goldenBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`golden/${name}`, import.meta.url)))
}

export function goldenText(name: string): string {
  return new TextDecoder().decode(goldenBytes(name))
}

/** Names of the golden files of a folder that end so, with the folder. */
export function goldenNames(folder: string, ending: string): string[] {
  const names = readdirSync(new URL(`golden/${folder}`, import.meta.url)).sort()
  return names.filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`)
}
