import { checkPattern, countSlots, cutSizes, FormatError, holeBytes, readFrameLayout } from '@cachix/protocol'
import type { FrameLayout, Pattern, RawBlock } from '@cachix/protocol'
import { nameChunk } from './name-chunk.ts'
import type { PatchedFrame } from './patched-frame.ts'
import { traceFrame } from './trace.ts'

/** What somebody says about a frame. */
export interface FrameClaim extends PatchedFrame {
  /** Of the chunk. */
  readonly pattern: Pattern
  readonly contentSize: number
  /** Of the chunk: what `nameChunk` gives. */
  readonly name: string
}

/**
 * Gives the chunk. Throws `FormatError` unless the frame decompresses to this very one with whatever is written over its
 * patches in its holes. Nothing is believed; takes memory for three chunks at most.
 */
export function verifyFrame({ bytes, patches, pattern, contentSize, name }: FrameClaim): Uint8Array {
  const layout = readFrameLayout(bytes, cutSizes.max)
  if (layout.size !== bytes.length) throw refused('more than one frame')
  if (layout.contentSize !== contentSize) throw refused('a frame of another size')
  checkPattern(pattern, contentSize)
  checkPatches(patches, layout)
  if (countSlots(patches) !== countSlots(pattern)) throw refused('patches for other slots')

  // Tracing writes over the patches.
  const frame = { bytes: patches.length > 0 ? new Uint8Array(bytes) : bytes, patches }
  const { blanked, leaking, unfilled } = traceFrame(frame, pattern, contentSize)
  if (unfilled.length > 0) throw refused('holes that patches do not fill')
  if (leaking.size > 0) throw refused('patches that change more than holes')
  if (nameChunk({ bytes: blanked, pattern }) !== name) throw refused('another chunk')
  return blanked
}

/** In raw blocks a decoder copies; anywhere else it would take them for instructions. */
function checkPatches(patches: Pattern, { hasChecksum, rawBlocks, size }: FrameLayout): void {
  checkPattern(patches, size)
  if (hasChecksum && patches.length > 0) throw refused('a checksum, which patches would break')
  let block = 0
  for (const { offset } of patches) {
    while (block < rawBlocks.length && endOf(rawBlocks[block]) <= offset) block++
    const around = rawBlocks[block]
    const isInside = around && around.offset <= offset && offset + holeBytes <= endOf(around)
    if (!isInside) throw refused('patches outside raw blocks')
  }
}

function endOf(block: RawBlock | undefined): number {
  return block ? block.offset + block.size : 0
}

function refused(what: string): FormatError {
  return new FormatError('chunk', `This frame is not the chunk it should be: it has ${what}.`)
}
