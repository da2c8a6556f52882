import { CliError } from '../cli-error.ts'
import { readConfig, updateConfig } from '../config/config-file.ts'
import { defaultHost, parseHost } from '../config/service-host.ts'
import type { Terminal } from '../context.ts'

/** `cachix config get SETTING`: what the file says, or the default. */
export async function printSetting(terminal: Terminal, configPath: string, setting: string): Promise<void> {
  requireKnown(setting)
  const config = await readConfig(configPath)
  terminal.stdout.write(`${config.hostname ?? defaultHost}\n`)
}

/** `cachix config set SETTING VALUE`. */
export async function changeSetting(
  terminal: Terminal,
  configPath: string,
  { setting, value }: { readonly setting: string; readonly value: string },
): Promise<void> {
  requireKnown(setting)
  const hostname = parseHost(value)
  await updateConfig(configPath, (config) => ({ ...config, hostname }))
  terminal.stdout.write(`Written to ${configPath}\n`)
}

function requireKnown(setting: string): void {
  if (setting !== 'hostname')
    throw new CliError('usage', `There is no setting "${setting}". There is one: hostname.`)
}
