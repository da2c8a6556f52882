/** The bytes of a text all of whose characters are below 256. A plain loop: `Uint8Array.from` takes ten times as long. */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
