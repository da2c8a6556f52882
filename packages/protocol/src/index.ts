export { ByteQueue } from './byte-queue.ts'
export { parseCacheInfo, renderCacheInfo } from './cache-info.ts'
export type { CacheInfo } from './cache-info.ts'
export { decodeChunkLayout, encodeChunkLayout } from './chunk-layout.ts'
export type { ChunkLayout, FrameSizes } from './chunk-layout.ts'
export { decodeChunkRecipe, encodeChunkRecipe } from './chunk-recipe.ts'
export type { FilledChunk } from './chunk-recipe.ts'
export { checkContentAddress } from './content-address.ts'
export { isContentAddressed } from './content-addressed-path.ts'
export type { ContentAddressed } from './content-addressed-path.ts'
export type { CutSizes } from './cut/cut-point.ts'
export { blankHoles, countSlots, fillHoles, holeBytes } from './cut/hole.ts'
export type { Hole, Pattern } from './cut/hole.ts'
export { cutSizes, cutVersion, NarCutter } from './cut/nar-cutter.ts'
export type { Chunk, CutMemory } from './cut/nar-cutter.ts'
export { checkPattern, decodePattern, encodePattern } from './cut/pattern.ts'
export { fingerprint, sortReferences } from './fingerprint.ts'
export type { Fingerprinted } from './fingerprint.ts'
export { FormatError } from './format-error.ts'
export type { FormatErrorCode } from './format-error.ts'
export { canonicalSha256, isSha256Hex, parseHash, renderHash, sha256FromHex, sha256ToHex } from './hash.ts'
export type { Hash, HashAlgorithm, Sha256Text } from './hash.ts'
export {
  checkSecretKey,
  parsePublicKey,
  parseSecretKey,
  publicKeyOf,
  renderPublicKey,
  renderSecretKey,
  secretKeyFromSeed,
} from './keys.ts'
export type { PublicKey, SecretKey } from './keys.ts'
export { checkDepth, compareNames, maxDepth, maxNameBytes, maxTargetBytes } from './nar/limits.ts'
export { ListingBuilder, renderListing } from './nar/listing.ts'
export type { Listing } from './nar/listing.ts'
export { NarParser } from './nar/parser.ts'
export type { NarFile, NarVisitor } from './nar/visitor.ts'
export { writeNar } from './nar/write-nar.ts'
export type { NarNode } from './nar/write-nar.ts'
export {
  closeDirectory,
  closeEntry,
  closeFile,
  narMagic,
  openDirectory,
  openEntry,
  openFile,
  symlink,
} from './nar/writer.ts'
export { parseNarInfo, renderNarInfo } from './narinfo.ts'
export type { NarInfo } from './narinfo.ts'
export { decodeNix32, encodeNix32 } from './nix32.ts'
export { encodePackIndex, PackIndexReader } from './pack-index.ts'
export type { PackedChunk, PackIndex } from './pack-index.ts'
export { decodeRecipe, encodeRecipe, recipeSize, sliceRecipe } from './recipe.ts'
export type { Patch, Recipe, Run } from './recipe.ts'
export { isSignature, parseSignature, renderSignature, sign, verify } from './signature.ts'
export type { Signature } from './signature.ts'
export { baseNameOf, defaultStoreDir, isStoreHash, parseBaseName, parseStorePath } from './store-path.ts'
export type { StorePath } from './store-path.ts'
export { FrameSplitter, maxFrameContent } from './zstd-frame.ts'
export type { Frame, FrameLimits } from './zstd-frame.ts'
export { FrameEnds } from './zstd-frame-ends.ts'
export { readFrameLayout } from './zstd-layout.ts'
export type { FrameLayout, RawBlock } from './zstd-layout.ts'
