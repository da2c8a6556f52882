import { createCipheriv } from 'node:crypto'

import type { PathCreate } from '@cachix/api'
import { encodeChunk, nameChunk } from '@cachix/frames'
import {
  encodeChunkLayout,
  encodeChunkRecipe,
  encodePackIndex,
  NarCutter,
  sha256FromHex,
  writeNar,
} from '@cachix/protocol'
import type { Chunk, NarNode, PackedChunk } from '@cachix/protocol'

import { directory, sha256, textFile } from './sample-nar.ts'

/** A store path as a client that cuts knows it. */
export interface CutPath {
  readonly hash: string
  readonly name: string
  readonly references: readonly string[]
  readonly nar: Uint8Array
  readonly chunks: readonly Chunk[]
}

/** A frame and what its sender says about it. */
export interface SentFrame extends PackedChunk {
  readonly frame: Uint8Array
}

export function cutPath(baseName: string, references: readonly string[], tree: NarNode): CutPath {
  const nar = Buffer.concat([...writeNar(tree)])
  const hash = baseName.slice(0, 32)
  const hashes = [...new Set([hash, ...references.map((reference) => reference.slice(0, 32))])].toSorted()
  const cutter = new NarCutter(hashes)
  const chunks = [...cutter.write(nar), ...cutter.end()]
  return { hash, name: baseName.slice(33), references, nar, chunks }
}

/** Base names whose hashes are that character, many times. */
function baseName(character: string, name: string): string {
  return `${character.repeat(32)}-${name}`
}

/** Random, and the same in every run: it is cut into the same chunks. */
const library = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(
  Buffer.alloc(3_000_000),
)

/** A package of several chunks that names its dependency and itself in many places; `build` stands for all hashes. */
export function program(build: string): CutPath {
  const own = baseName(build, 'program')
  const dependency = baseName(String.fromCharCode(build.charCodeAt(0) + 1), 'library')
  const script = `#!/nix/store/${dependency}/bin/sh\nexec /nix/store/${own}/bin/.wrapped "$@"\n`
  const binary = Buffer.from(library)
  for (const [i, at] of [10, 5_000, 400_000, 400_032, 900_001, 1_199_000].entries()) {
    binary.write(i % 2 === 0 ? dependency : own, at)
  }
  const links = Array.from({ length: 200 }, (_, i): [string, NarNode] => [
    `link-${i}`,
    { type: 'symlink', target: Buffer.from(`/nix/store/${dependency}/share/${i}`) },
  ])
  return cutPath(own, [dependency, own], {
    ...directory({
      bin: directory({ program: textFile(script) }),
      lib: { type: 'regular', contents: binary },
      share: directory(Object.fromEntries(links.toSorted(([a], [b]) => (a < b ? -1 : 1)))),
    }),
  })
}

export function dependencyOf(path: CutPath): CutPath {
  const dependency = path.references.find((reference) => !reference.startsWith(path.hash))
  return cutPath(dependency!, [], textFile(`I am ${dependency!}\n`))
}

export async function sendFrame(chunk: Chunk): Promise<SentFrame> {
  const { bytes, patches } = await encodeChunk(chunk, { level: 3 })
  return {
    name: nameChunk(chunk),
    length: bytes.length,
    contentSize: chunk.bytes.length,
    layout: encodeChunkLayout({ pattern: chunk.pattern, patches }),
    frame: bytes,
  }
}

export async function bundleOf(...paths: CutPath[]): Promise<Buffer> {
  const chunks = new Map(paths.flatMap((path) => path.chunks).map((chunk) => [nameChunk(chunk), chunk]))
  return bundle(await Promise.all([...chunks.values()].map(sendFrame)))
}

export function bundle(frames: readonly SentFrame[], recipes: readonly Uint8Array[] = []): Buffer {
  return Buffer.concat([encodePackIndex(frames, recipes), ...frames.map(({ frame }) => frame)])
}

export function namesOf(...paths: CutPath[]): string[] {
  return paths.flatMap((path) => path.chunks.map(nameChunk))
}

/** What an honest client says of a path. */
export function pathCreateOf({ hash, name, references, nar, chunks }: CutPath): PathCreate {
  const recipe = chunks.map((chunk) => ({ name: nameChunk(chunk), hashes: chunk.hashes }))
  return {
    storePath: `${hash}-${name}`,
    narHash: sha256FromHex(sha256(nar)),
    narSize: nar.length,
    references: [...references],
    recipe: Buffer.from(encodeChunkRecipe(recipe)).toString('base64'),
  }
}
