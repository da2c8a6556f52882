import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { CliError } from '../cli-error.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import { withLock } from '../files/with-lock.ts'

/** Unknown fields are kept, so that an older version does not drop what a newer one wrote. */
const ConfigFile = z.looseObject({
  authToken: z.string().optional(),
  /** `https://HOST`. */
  hostname: z.string().optional(),
  /** Signing keys that stay on this machine. */
  binaryCaches: z.array(z.object({ name: z.string(), secretKey: z.string() })).default([]),
})
export type ConfigFile = z.infer<typeof ConfigFile>

/** `$XDG_CONFIG_HOME/cachix/cachix.json`. */
export function defaultConfigPath(environment: NodeJS.ProcessEnv): string {
  return join(configHome(environment), 'cachix', 'cachix.json')
}

/** Where a user's configuration lives. A relative XDG_CONFIG_HOME is ignored, as its specification asks. */
export function configHome(environment: NodeJS.ProcessEnv): string {
  const configured = environment['XDG_CONFIG_HOME']
  return configured?.startsWith('/') === true ? configured : join(environment['HOME'] ?? homedir(), '.config')
}

/** An absent file is an empty configuration. Throws CliError when the file is something else. */
export async function readConfig(path: string): Promise<ConfigFile> {
  const text = await readTextFile(path)
  if (text === undefined) return { binaryCaches: [] }
  const parsed = ConfigFile.safeParse(parseJson(path, text))
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new CliError('config', `${path} is not a Cachix configuration. ${problems.join('. ')}.`)
}

/** Replaces the file in one step. It holds secrets: mode 0600, whatever it was. */
export async function writeConfig(path: string, config: ConfigFile): Promise<void> {
  await replaceFile(path, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600, directoryMode: 0o700 })
}

/** Reads, changes and writes the configuration, one process at a time: it may hold keys nobody else has. */
export async function updateConfig(path: string, change: (config: ConfigFile) => ConfigFile): Promise<void> {
  await withLock(path, async () => writeConfig(path, change(await readConfig(path))))
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CliError(
      'config',
      `${path} is not a Cachix configuration, which is a JSON file. (--config is not for nix.conf: \`cachix use --output-directory DIR\` writes one where you want it.)`,
      { cause: error },
    )
  }
}
