/** By the ending of a file's name. Nothing that a browser would run, or anything in it: pages and drawings are texts. */
const mediaTypes = new Map(
  Object.entries({
    'text/plain; charset=utf-8':
      'txt md log html htm xhtml svg xml css js mjs json yaml yml toml conf nix sh c h',
    'image/png': 'png',
    'image/jpeg': 'jpg jpeg',
    'image/gif': 'gif',
    'image/webp': 'webp',
    'application/gzip': 'gz tgz',
    'application/zip': 'zip',
    'application/pdf': 'pdf',
  }).flatMap(([type, endings]) => endings.split(' ').map((ending) => [ending, type] as const)),
)

/** What a file whose contents are anybody's may safely be called. */
export function safeMediaType(path: string): string {
  const ending = /\.([0-9a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  return mediaTypes.get(ending) ?? 'application/octet-stream'
}
