// A chunk as a zstd frame whose store hashes can be overwritten without compressing it again.
//
// The first hole of each slot is compressed as a block of its own, of random bytes, which zstd cannot make smaller and so
// stores as they are: a raw block. Those 32 bytes of the frame are a patch. The other holes of the slot get the same
// random bytes, so zstd finds them again and encodes them as "copy from there". Whoever overwrites the patch changes
// every copy, because a decoder copies what it has decoded. This is the file of the example in protocol's cut/pattern.ts:
//
//   at    bytes                                   what a decoder does with them
//    0    28 b5 2f fd 20 72                       a zstd frame of 114 bytes begins
//    6    20 00 00  73 65 65 20                   raw block of 4 bytes: "see "
//   13    00 01 00  61 61 61 61 … (32 bytes)      raw block of 32 bytes: slot 0, patch at 16
//   48    20 00 00  2d 61 2c 20                   raw block of 4 bytes: "-a, "
//   55    00 01 00  62 62 62 62 … (32 bytes)      raw block of 32 bytes: slot 1, patch at 58
//   90    7d 00 00  48 2d 62 20 61 6e 64 2f       last block, compressed: "-b and", then the 33 bytes
//         78 0a 01 00 ce 18 8a                    from 75 bytes back (" aaaa…"), then "/x\n"
//
// The patches are a pattern too: 01 02 10 00 0a 01. With the 32 bytes of another hash at 16 these 108 bytes decompress to
// a file that has it in both places.

import type { Pattern } from '@cachix/protocol'

export interface PatchedFrame {
  /** One zstd frame. */
  readonly bytes: Uint8Array
  /** Where in the frame the hashes are. */
  readonly patches: Pattern
}
