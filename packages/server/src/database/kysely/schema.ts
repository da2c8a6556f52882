import type { Generated } from 'kysely'
import type { TokenKind } from '../token-table.ts'

/**
 * The tables, the same on SQLite and PostgreSQL. Times are milliseconds since the epoch, booleans are 0 and 1, lists
 * of text are JSON arrays. `migrations.ts` says why each table is there.
 */
export interface Schema {
  readonly accounts: AccountRow
  readonly caches: CacheRow
  readonly tokens: TokenRow
  readonly oidc_rules: OidcRuleRow
  readonly oidc_exchanges: OidcExchangeRow
  readonly signing_keys: SigningKeyRow
  readonly packs: PackRow
  readonly chunks: ChunkRow
  readonly cache_chunks: CacheChunkRow
  readonly uploads: UploadRow
  readonly cache_objects: CacheObjectRow
  readonly listings: ListingRow
  readonly nars: NarRow
  readonly nar_packs: NarPackRow
  readonly debug_files: DebugFileRow
  readonly paths: PathRow
  readonly path_references: PathReferenceRow
  readonly waiting_paths: WaitingPathRow
  readonly waiting_references: WaitingReferenceRow
  readonly pins: PinRow
  readonly pin_revisions: PinRevisionRow
  readonly upstreams: UpstreamRow
  readonly upstream_paths: UpstreamPathRow
  readonly upstream_references: UpstreamReferenceRow
}

interface AccountRow {
  readonly id: Generated<number>
  readonly name: string
  readonly created_at: number
}

interface CacheRow {
  readonly id: Generated<number>
  readonly account_id: number
  readonly name: string
  readonly is_public: number
  readonly store_dir: string
  readonly priority: number
  readonly created_at: number
}

interface TokenRow {
  readonly id: Generated<number>
  readonly account_id: number
  readonly cache_id: number | null
  readonly hash: string
  readonly kind: TokenKind
  readonly description: string
  readonly created_at: number
  readonly expires_at: number | null
  readonly last_used_at: number | null
  /** What gave it, if nobody made it. */
  readonly oidc_rule_id: number | null
}

interface OidcRuleRow {
  readonly id: Generated<number>
  readonly cache_id: number
  readonly issuer: string
  readonly audience: string
  /** JSON object. */
  readonly claims: string
  readonly permission: 'Read' | 'Write'
  readonly lifetime_ms: number
  readonly created_at: number
}

interface OidcExchangeRow {
  readonly hash: string
  readonly expires_at: number
}

interface SigningKeyRow {
  readonly id: Generated<number>
  readonly cache_id: number
  readonly name: string
  readonly public_key: string
  readonly sealed_secret: Uint8Array | null
  readonly created_at: number
  readonly retired_at: Generated<number | null>
}

interface PackRow {
  readonly id: Generated<number>
  readonly name: string
  readonly size: number
  readonly created_at: number
  /** Since when collection has its eye on it; null again once it is needed, or somebody was told about it. */
  readonly unneeded_since: number | null
  readonly damaged_at: number | null
}

interface ChunkRow {
  readonly id: Generated<number>
  readonly name: string
  readonly pack_id: number
  readonly frame_offset: number
  readonly frame_length: number
  readonly content_size: number
  readonly layout: Uint8Array
}

interface CacheChunkRow {
  readonly cache_id: number
  readonly chunk_id: number
}

interface UploadRow {
  readonly cache_id: number
  readonly pack_id: number
  readonly nar_hash: string
  readonly nar_size: number
  readonly sent_at: number
  /** In the words of a narinfo. */
  readonly compression: string
  /** Until when the file itself is served; null if it is not. */
  readonly served_until: number | null
}

interface CacheObjectRow {
  readonly cache_id: number
  readonly name: string
  readonly stored_at: number
  readonly content: Uint8Array
}

interface DebugFileRow {
  readonly nar_id: number
  readonly build_id: string
}

interface ListingRow {
  readonly id: Generated<number>
  readonly hash: string
  readonly template: Uint8Array
}

interface NarRow {
  readonly id: Generated<number>
  readonly file_hash: string
  readonly file_size: number
  readonly nar_hash: string
  readonly nar_size: number
  readonly created_at: number
  /** 1 while one of its packs is. */
  readonly is_damaged: number
  readonly listing_id: number
  /** 32 characters each, without anything between them. */
  readonly listing_hashes: string
  readonly recipe: Uint8Array
}

interface NarPackRow {
  readonly nar_id: number
  readonly pack_id: number
}

interface PathRow {
  readonly id: Generated<number>
  readonly cache_id: number
  readonly store_hash: string
  readonly store_name: string
  readonly nar_id: number
  /** JSON array of base names in byte order, own path included. */
  readonly reference_names: string
  readonly deriver: string | null
  /** JSON array. */
  readonly signatures: string
  readonly ca: string | null
  readonly published_at: number
}

interface PathReferenceRow {
  readonly path_id: number
  readonly reference_id: number
}

interface WaitingPathRow extends Omit<PathRow, 'published_at'> {
  readonly waiting_since: number
}

interface WaitingReferenceRow {
  readonly path_id: number
  readonly store_hash: string
}

interface PinRow {
  readonly id: Generated<number>
  readonly cache_id: number
  readonly name: string
  /** JSON; null: every revision for ever. */
  readonly keep: string | null
  readonly created_at: number
}

interface PinRevisionRow {
  readonly id: Generated<number>
  readonly pin_id: number
  readonly path_id: number
  /** JSON array. */
  readonly artifacts: string
  readonly created_at: number
}

interface UpstreamRow {
  readonly id: Generated<number>
  readonly cache_id: number
  readonly url: string
  /** JSON array. */
  readonly public_keys: string
  readonly created_at: number
}

/** That the upstream has this path. */
interface UpstreamPathRow {
  readonly id: Generated<number>
  readonly cache_id: number
  readonly upstream_id: number
  readonly store_hash: string
  readonly store_name: string
}

interface UpstreamReferenceRow {
  readonly path_id: number
  readonly upstream_path_id: number
}
