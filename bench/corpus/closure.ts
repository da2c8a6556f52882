import { copyFileSync, constants, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { dealFiles } from './deal-files.ts'
import { type MachineFile, machineFiles } from './machine-files.ts'
import { SeededRandom } from './seeded-random.ts'
import { type StoreObject, corpusStorePath, makeStoreDirectory } from './store-object.ts'

/**
 * Writes a closure of `count` store paths with about `totalSize` bytes of this machine's files, each with references to
 * earlier ones as a package has them: in a wrapper script, a pkg-config file and a list of inputs. The last object is
 * the root that needs all others. Another edition is the same with other store hashes.
 */
export function writeClosure({ count, totalSize, edition }: ClosureShape): StoreObject[] {
  const random = new SeededRandom(1)
  const objects: StoreObject[] = []
  for (const files of dealFiles(machineFiles(), { count: count - 1, totalSize, random })) {
    objects.push(writePackage(files, objects, { random, edition }))
  }
  return [...objects, writeRoot(objects, edition)]
}

interface ClosureShape {
  readonly count: number
  /** Bytes. */
  readonly totalSize: number
  readonly edition: string
}

function writePackage(
  files: MachineFile[],
  earlier: StoreObject[],
  { random, edition }: { random: SeededRandom; edition: string },
): StoreObject {
  const name = `bench-package-${earlier.length}`
  const storePath = corpusStorePath(name, edition)
  const inputs = Array.from({ length: Math.min(random.below(7), earlier.length) }, () =>
    random.below(earlier.length),
  )
  const references = [...new Set(inputs)].map((index) => earlier[index]!.storePath)
  makeStoreDirectory(storePath)
  for (const file of files) copyInto(storePath, file)
  writeWrapping(storePath, name, references)
  return { storePath, references: [...references, storePath] }
}

function copyInto(storePath: string, file: MachineFile): void {
  const target = storePath + file.path.slice('/usr'.length)
  makeStoreDirectory(dirname(target))
  copyFileSync(file.path, target, constants.COPYFILE_FICLONE)
}

function writeWrapping(storePath: string, name: string, references: readonly string[]): void {
  const search = [storePath, ...references].map((path) => `${path}/bin`).join(':')
  const wrapper = `#!/bin/sh\nexport PATH=${search}\${PATH:+:$PATH}\nexec ${storePath}/bin/.${name}-wrapped "$@"\n`
  writeFileSync(`${makeStoreDirectory(storePath, 'bin')}/${name}`, wrapper, { mode: 0o755 })
  symlinkSync(name, `${storePath}/bin/${name}-link`)
  const pkgConfig = `prefix=${storePath}\nlibdir=\${prefix}/lib\nLibs: ${references.map((path) => `-L${path}/lib`).join(' ')}\n`
  writeFileSync(`${makeStoreDirectory(storePath, 'lib', 'pkgconfig')}/${name}.pc`, pkgConfig)
  writeFileSync(
    `${makeStoreDirectory(storePath, 'nix-support')}/propagated-build-inputs`,
    references.join(' '),
  )
}

function writeRoot(objects: StoreObject[], edition: string): StoreObject {
  const storePath = corpusStorePath('bench-closure', edition)
  const references = objects.map((object) => object.storePath)
  makeStoreDirectory(storePath)
  writeFileSync(`${storePath}/manifest`, `${references.join('\n')}\n`)
  return { storePath, references }
}
