import { randomBytes } from 'node:crypto'
import type { SecretKey } from '@cachix/protocol'
import { renderSecretKey, secretKeyFromSeed } from '@cachix/protocol'
import { updateConfig } from './config-file.ts'

/** A signing key as it is saved: the base64 text, without a name, that CACHIX_SIGNING_KEY takes. */
export interface NewKey {
  /** Base64 of the 64 bytes. */
  readonly secretKey: string
  /** Base64 of the 32 bytes. All the service needs. */
  readonly publicKey: string
}

/** A fresh Ed25519 key. */
export async function generateKey(cacheName: string): Promise<NewKey> {
  const key: SecretKey = await secretKeyFromSeed(cacheName, randomBytes(32))
  return {
    secretKey: renderSecretKey(key).slice(cacheName.length + 1),
    publicKey: Buffer.from(key.publicKey).toString('base64'),
  }
}

/** Saved last, so found first. */
export async function saveKey(configPath: string, name: string, { secretKey }: NewKey): Promise<void> {
  await updateConfig(configPath, (config) => ({
    ...config,
    binaryCaches: [...config.binaryCaches, { name, secretKey }],
  }))
}

/** Forgets this one key; older keys of the same cache stay. */
export async function forgetKey(configPath: string, { secretKey }: NewKey): Promise<void> {
  await updateConfig(configPath, (config) => ({
    ...config,
    binaryCaches: config.binaryCaches.filter((cache) => cache.secretKey !== secretKey),
  }))
}
