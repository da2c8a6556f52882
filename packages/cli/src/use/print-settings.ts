import type { BinaryCache } from '@cachix/api'

/** What `--print` shows: a piece of nix.conf, whose comments hold the flags for a single command. */
export function renderSettings({ name, uri, isPublic, publicSigningKeys }: BinaryCache): string {
  const keys = publicSigningKeys.join(' ')
  return [
    `extra-substituters = ${uri}`,
    `extra-trusted-public-keys = ${keys}`,
    '# or, for one command only, these flags for nix, nix-build or nix-shell:',
    `#   --option extra-substituters '${uri}' --option extra-trusted-public-keys '${keys}'`,
    ...(isPublic ? [] : netrcLines(name, uri)),
    '',
  ].join('\n')
}

function netrcLines(name: string, uri: string): readonly string[] {
  return [
    `# ${name} is private. The file nix.conf's netrc-file names (default: /etc/nix/netrc) needs, with your token:`,
    `#   machine ${new URL(uri).hostname} login cachix password TOKEN`,
  ]
}
