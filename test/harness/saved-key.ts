import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSecretKey, type SecretKey } from '@cachix/protocol'
import type { Stage } from './stage.ts'

/** The signing key that `cachix create` kept for the owner of the stage's cache. */
export function savedKey({ owner, cache }: Stage): SecretKey {
  const text = readFileSync(join(owner.home, '.config/cachix/cachix.json'), 'utf8')
  const { binaryCaches } = JSON.parse(text) as { binaryCaches: { secretKey: string }[] }
  return parseSecretKey(binaryCaches[0]?.secretKey ?? assert.fail('There is no key.'), `${cache}.localhost-1`)
}
