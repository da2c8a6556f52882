import { createHash } from 'node:crypto'
import { renderHash } from '@cachix/protocol'
import { CliError } from '../cli-error.ts'
import type { PathInfo } from '../nix/store-reader.ts'

/** The contents of a store path are not those the Nix store has on record. */
export class DamagedPathError extends CliError {
  override readonly name = 'DamagedPathError'
  readonly difference: string

  constructor(storePath: string, difference: string) {
    super(
      'store-path',
      `${storePath} is damaged on this machine: ${difference}. ` +
        `Look closer with \`nix-store --verify-path ${storePath}\`, mend it with \`nix-store --repair-path ${storePath}\`.`,
    )
    this.difference = difference
  }
}

/** Who is said to be wrong about a NAR. */
interface Keeper {
  readonly name: string
  readonly error: (storePath: string, difference: string) => Error
}

const localStore: Keeper = {
  name: 'the Nix store',
  error: (storePath, difference) => new DamagedPathError(storePath, difference),
}

type Blocks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** Passes a NAR on. Throws the keeper's error in place of its end when it is not the one that the keeper has on record. */
export async function* checkNar(
  nar: Blocks,
  info: PathInfo,
  keeper = localStore,
): AsyncGenerator<Uint8Array, void> {
  const digest = createHash('sha256')
  for await (const block of checkNarSize(nar, info, keeper)) {
    digest.update(block)
    yield block
  }
  const hash = renderHash({ algorithm: 'sha256', bytes: digest.digest() })
  if (hash === info.narHash) return
  const difference = `its NAR hash is ${hash}, but ${keeper.name} has ${info.narHash} on record`
  throw keeper.error(info.storePath, difference)
}

/** The same, of a NAR that merely has another size. */
export async function* checkNarSize(
  nar: Blocks,
  { storePath, narSize }: PathInfo,
  keeper = localStore,
): AsyncGenerator<Uint8Array, void> {
  let size = 0
  for await (const block of nar) {
    size += block.length
    if (size > narSize) break
    yield block
  }
  if (size === narSize) return
  const found = `its NAR has ${sizeText(size, narSize)} ${narSize} bytes`
  throw keeper.error(storePath, `${found} ${keeper.name} has on record`)
}

function sizeText(size: number, expected: number): string {
  return size > expected ? 'more than the' : `${size} of the`
}
