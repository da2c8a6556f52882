export { BinaryCache, CacheName, ChangeCache, CreateCache, SigningKeyBody, cacheNameRule } from './cache.ts'
export { CacheList } from './cache-list.ts'
export { ChunkNames, maxChunkNames, MissingChunksQuery, ReceivedBundle } from './chunks.ts'
export { AddedKey, CacheKey, CacheKeys, NewKey, RetireKey } from './keys.ts'
export { MissingQuery, StoreHashes } from './missing.ts'
export { MultipartUploadComplete, MultipartUploadCreated, PartAddress, PartToUpload } from './multipart.ts'
export type { UploadedPart } from './multipart.ts'
export { CacheInfoJson, NarInfoJson } from './nar-info.ts'
export { NarInfoCreate } from './nar-info-create.ts'
export { CreateOidcRule, ExchangedToken, ExchangeIdentity, OidcRuleInfo, OidcRuleInfos } from './oidc.ts'
export { maxPaths, PathCreate, PathOutcome, PathOutcomes, PathsCreate } from './paths-create.ts'
export {
  maxSignatures,
  NewSignatures,
  Signed,
  SignQuery,
  SignatureOutcomes,
  UnsignedPath,
  UnsignedPaths,
  UnsignedQuery,
} from './signatures.ts'
export { PinCreate, PinKeep, Pins } from './pins.ts'
export { CreatedToken, CreateToken, TokenInfo, TokenInfos } from './tokens.ts'
export { UploadedNar } from './uploaded-nar.ts'
export { KnownPaths, RemoveUpstream, Upstream, UpstreamPaths } from './upstreams.ts'
export { User } from './user.ts'
