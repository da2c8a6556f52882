// A chunk as a zstd frame whose store hashes can be overwritten without compressing it again.
//
// The first hole of each slot is compressed as a block of its own, of random bytes, which zstd cannot make smaller and so
// stores as they are: a raw block. Those 32 bytes of the frame are a patch. The other holes of the slot get the same
// random bytes, so zstd finds them again and encodes them as "copy from there". Whoever overwrites the patch changes
// every copy, because a decoder copies what it has decoded. The file of the example in protocol's cut/pattern.ts:
//
//   offset                                                        what a decoder does
//        0  28 b5 2f fd 20 76                                     zstd frame of 118 bytes
//        6  20 00 00  73 65 65 20                                 raw block of 4 bytes: "see "
//       13  00 01 00  61 61 61 61 61 61 … (32 bytes of A)         raw block: the patch of slot 0, at 16
//       48  20 00 00  2d 61 2c 20                                 raw block: "-a, "
//       55  00 01 00  62 62 62 62 62 62 … (32 bytes of B)         raw block: the patch of slot 1, at 58
//       90  …                                                     compressed block: "-b and ", 32 bytes from 75 back, "/x\n"
//
// The patches are the pattern 01 02 10 00 0a 01.

import type { Pattern } from '@cachix/protocol'

export interface PatchedFrame {
  /** One zstd frame. */
  readonly bytes: Uint8Array
  /** Where in the frame the hashes are. */
  readonly patches: Pattern
}
