// Sealed bytes: the byte 1, a 12-byte nonce, the AES-256-GCM ciphertext, its 16-byte tag.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { link, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

import { CacheError } from '../cache-error.ts'
import { makeDirectory, syncDirectory } from '../storage/durable-directory.ts'

/** Keeps secrets unreadable for whoever gets hold of the database without the service's own key. */
export interface Seal {
  /** `purpose` is bound to the result: only the same purpose decrypts it. */
  encrypt(secret: Uint8Array, purpose: string): Uint8Array
  /** Throws `damaged` if these bytes were not sealed with this key for this purpose. */
  decrypt(sealed: Uint8Array, purpose: string): Uint8Array
}

const version = 1
const keyLength = 32
const nonceLength = 12
const tagLength = 16
const cipher = 'aes-256-gcm'

/** The seal whose key lies in the file `keyPath`, readable by its owner only. The file is made if there is none. */
export async function openSeal(keyPath: string): Promise<Seal> {
  return sealWith((await readKey(keyPath)) ?? (await createKey(keyPath)))
}

/**
 * The seal whose key somebody keeps in the file `keyPath`. Throws `unavailable` if that cannot be read, `damaged` if it is
 * not a key.
 */
export async function openKeptSeal(keyPath: string): Promise<Seal> {
  const key = await readFile(keyPath).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'is not there' : `cannot be read (${cause.message})`
    throw new CacheError('unavailable', `The service key ${keyPath} ${reason}.`, { cause })
  })
  return sealWith(checkKey(key, keyPath))
}

function sealWith(key: Buffer): Seal {
  return {
    encrypt: (secret, purpose) => encryptWith(key, secret, purpose),
    decrypt: (sealed, purpose) => decryptWith(key, sealed, purpose),
  }
}

async function readKey(path: string): Promise<Buffer | undefined> {
  try {
    return checkKey(await readFile(path), path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function checkKey(key: Buffer, path: string): Buffer {
  if (key.length === keyLength) return key
  throw new CacheError(
    'damaged',
    `The service key ${path} is not a key: that is ${keyLength} bytes, not ${key.length}, and no text. Restore it from a backup.`,
  )
}

/** A link, not a rename: of two processes that start at once, both must end up with the key of the first. */
async function createKey(path: string): Promise<Buffer> {
  await makeDirectory(dirname(path))
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  try {
    await writeDurably(draft, randomBytes(keyLength))
    await link(draft, path).catch(ignoreExisting)
  } finally {
    await rm(draft, { force: true })
  }
  await syncDirectory(dirname(path))
  return checkKey(await readFile(path), path)
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}

function encryptWith(key: Buffer, secret: Uint8Array, purpose: string): Uint8Array {
  const nonce = randomBytes(nonceLength)
  const encryption = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(purpose))
  const ciphertext = [encryption.update(secret), encryption.final()]
  return Buffer.concat([Buffer.of(version), nonce, ...ciphertext, encryption.getAuthTag()])
}

function decryptWith(key: Buffer, sealed: Uint8Array, purpose: string): Uint8Array {
  try {
    if (sealed[0] !== version)
      throw new Error(`This seal is of version ${sealed[0]}; only ${version} is known.`)
    const nonce = sealed.subarray(1, 1 + nonceLength)
    const decryption = createDecipheriv(cipher, key, nonce, { authTagLength: tagLength })
    decryption.setAAD(Buffer.from(purpose)).setAuthTag(sealed.subarray(-tagLength))
    const ciphertext = sealed.subarray(1 + nonceLength, -tagLength)
    return Buffer.concat([decryption.update(ciphertext), decryption.final()])
  } catch (cause) {
    const message =
      'A secret of this service cannot be decrypted: its service key is not the one it was sealed with.'
    throw new CacheError('damaged', message, { cause })
  }
}
