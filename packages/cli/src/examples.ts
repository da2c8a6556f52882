/** What follows the options in a command's help. */
export function examples(lines: readonly string[]): string {
  return ['', `Example${lines.length === 1 ? '' : 's'}:`, ...lines.map((line) => `  ${line}`)].join('\n')
}
