import { realpath } from 'node:fs/promises'
import { CliError } from '../cli-error.ts'
import { replaceFile } from '../files/replace-file.ts'

/**
 * Replaces a nix.conf. Throws CliError, before anything is written, where it is made by NixOS or home-manager: then it is
 * a link into the Nix store, and the place for the change is elsewhere.
 */
export async function writeNixConf(path: string, text: string, storeDir: string): Promise<void> {
  await requireEditable(path, storeDir)
  await replaceFile(path, text)
}

/** Throws CliError where a file is a link into the Nix store. */
export async function requireEditable(path: string, storeDir: string): Promise<void> {
  const target = await realTarget(path)
  if (!target.startsWith(`${storeDir}/`)) return
  throw new CliError(
    'file',
    `${path} is made by NixOS or home-manager and cannot be edited. Put the lines of \`cachix use NAME --print\` into that configuration, or use --mode nixos.`,
  )
}

async function realTarget(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    return path
  }
}
