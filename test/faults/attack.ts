import type { MadeBundle } from '../harness/made-bundle.ts'
import { compressNar, type MadePath } from '../harness/made-path.ts'
import { mutate, mutateJson } from './mutate.ts'
import type { Random } from './random.ts'
import type { RawRequest } from './raw-http.ts'

/** What there is to attack. */
export interface Target {
  readonly port: number
  readonly cache: string
  readonly token: string
  readonly paths: readonly MadePath[]
  /** The same paths in the form in which chunks are pushed. */
  readonly bundles: readonly MadeBundle[]
}

interface Parts {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

type Attack = (target: Target, random: Random) => RawRequest

/** A request that is wrong in some way, or at least odd. */
export function attack(target: Target, random: Random): RawRequest {
  return random.pick(attacks)(target, random)
}

const oddReads: Attack = (target, random) => {
  const range = random.pick([
    'bytes=0-0',
    'bytes=5-',
    'bytes=-5',
    'bytes=9-3',
    'bytes=1-2,4-5',
    'bytes=',
    'lines=1-2',
  ])
  return whole({
    method: random.pick(['GET', 'GET', 'GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND']),
    path: oddPath(target, random),
    headers: {
      host: oddHost(target, random),
      ...(random.chance(0.3) ? { range } : {}),
      ...(random.chance(0.3) ? { authorization: oddAuthorization(random) } : {}),
      ...(random.chance(0.1) ? { 'accept-encoding': 'deflate, zstd, br, gzip;q=0' } : {}),
      ...(random.chance(0.1) ? { 'if-none-match': random.bytes(9).toString('base64') } : {}),
    },
    body: Buffer.alloc(0),
  })
}

const wrongJson: Attack = (target, random) => {
  const [path, body] = random.pick<readonly [string, unknown]>([
    ['narinfo', target.paths.map(({ storeHash }) => storeHash)],
    [`${random.pick(target.paths).storeHash}.narinfo`, random.pick(target.paths).narInfo],
    [`${random.text(32, nix32)}.narinfo`, random.pick(target.paths).narInfo],
    ['key', { publicKey: random.bytes(32).toString('base64') }],
    ['', { isPublic: true, generateSigningKey: true }],
  ])
  const text = Buffer.from(JSON.stringify(mutateJson(body, random)) ?? '')
  return post(target, `cache/${target.cache}/${path}`.replace(/\/$/, ''), {
    type: 'application/json',
    body: random.chance(0.3) ? mutate(text, random) : text,
  })
}

const wrongNar: Attack = (target, random) => {
  const nar = mutate(random.pick(target.paths).nar, random)
  return post(target, `cache/${target.cache}/nar?compression=zst`, { type: octets, body: compressNar(nar) })
}

/** Lies of every kind about frames: their names, sizes, holes and bytes. */
const wrongBundle: Attack = (target, random) => {
  const body = mutate(random.pick(target.bundles).bundle, random)
  return post(target, `cache/${target.cache}/bundles`, { type: octets, body })
}

const wrongPublication: Attack = (target, random) => {
  const { names, publication } = random.pick(target.bundles)
  const [path, body] = random.pick<readonly [string, unknown]>([
    ['chunks/missing', names],
    ['paths', { paths: [publication] }],
    ['paths', { paths: [{ ...publication, recipe: random.pick(target.bundles).publication['recipe'] }] }],
    ['paths', { paths: [{ ...publication, storePath: `${random.text(32, nix32)}-x` }] }],
    ['paths', { paths: [{ ...publication, recipe: mutatedRecipe(publication, random) }] }],
  ])
  return post(target, `cache/${target.cache}/${path}`, {
    type: 'application/json',
    body: Buffer.from(JSON.stringify(random.chance(0.5) ? mutateJson(body, random) : body) ?? ''),
  })
}

function mutatedRecipe({ recipe }: MadeBundle['publication'], random: Random): string {
  return mutate(Buffer.from(String(recipe), 'base64'), random).toString('base64')
}

const wrongFile: Attack = (target, random) => {
  const query = random.pick([
    '?compression=zst',
    '?compression=zst',
    '?compression=xz',
    '?compression=zst&x=1',
    '',
  ])
  const body = mutate(random.pick(target.paths).file, random)
  return post(target, `cache/${target.cache}/nar${query}`, { type: octets, body })
}

/** What Nix sends when it copies to a cache, gone wrong. */
const wrongPut: Attack = (target, random) => {
  const { storeHash, file, nar, narInfo } = random.pick(target.paths)
  const hash = random.pick([storeHash, random.text(32, nix32)])
  const [path, body] = random.pick<readonly [string, Buffer]>([
    [`${hash}.narinfo`, Buffer.from(narInfoText(hash, narInfo))],
    [`${hash}.ls`, Buffer.from('{"version":1,"root":{"type":"directory","entries":{}}}')],
    [`nar/${String(narInfo['cFileHash'])}.nar.zst`, file],
    [`nar/${random.text(52, nix32)}.nar${random.pick(['', '.xz', '.zst', '.br', '.bz2'])}`, nar],
    [`log/${hash}-x.drv`, random.bytes(random.below(200))],
    [`realisations/sha256:${random.bytes(32).toString('hex')}!out.doi`, Buffer.from('{"id":"x"}')],
    [`build-trace-v2/${hash}-x.drv/out.doi`, Buffer.from('{"outPath":"x","signatures":[]}')],
    [`debuginfo/${random.bytes(20).toString('hex')}`, Buffer.from('{"archive":"../x","member":"y"}')],
    ['nix-cache-info', Buffer.from('StoreDir: /nix/store\n')],
  ])
  return whole({
    method: 'PUT',
    path: `/${target.cache}/${path}`,
    headers: {
      host: `localhost:${target.port}`,
      authorization: `Basic ${Buffer.from(`x:${target.token}`).toString('base64')}`,
      ...(random.chance(0.1) ? { 'content-encoding': random.pick(['gzip', 'xz', 'br', 'zstd', 'x']) } : {}),
    },
    body: mutate(body, random),
  })
}

function narInfoText(storeHash: string, info: MadePath['narInfo']): string {
  return [
    `StorePath: /nix/store/${storeHash}-${String(info['cStoreSuffix'])}`,
    `URL: nar/${String(info['cFileHash'])}.nar.zst`,
    'Compression: zstd',
    `NarHash: ${String(info['cNarHash'])}`,
    `NarSize: ${String(info['cNarSize'])}`,
    'References: ',
    '',
  ].join('\n')
}

/** Claims a NAR of the cache for another path, or with other references. */
const wrongClaim: Attack = (target, random) => {
  const [one, other] = [random.pick(target.paths), random.pick(target.paths)]
  const body = {
    ...one.narInfo,
    cNarHash: other.narInfo['cNarHash'],
    cReferences: [`${random.text(32, nix32)}-x`],
  }
  return post(target, `cache/${target.cache}/${random.text(32, nix32)}.narinfo`, {
    type: 'application/json',
    body: Buffer.from(JSON.stringify(body)),
  })
}

const cutUpload: Attack = (target, random) => {
  const { bytes } = wrongFile(target, random)
  return { bytes: bytes.subarray(0, Math.max(1, random.below(bytes.length))), wantsAnswer: false }
}

const brokenHttp: Attack = (target, random) => {
  const { bytes } = random.chance(0.5) ? oddReads(target, random) : wrongJson(target, random)
  const end = bytes.indexOf('\r\n\r\n') + 4
  return {
    bytes: Buffer.concat([mutate(bytes.subarray(0, end), random), bytes.subarray(end)]),
    wantsAnswer: false,
  }
}

const noise: Attack = (_target, random) => ({
  bytes: random.bytes(1 + random.below(3000)),
  wantsAnswer: false,
})

/** How often each is tried, relative to the others. */
const weights: readonly (readonly [times: number, attack: Attack])[] = [
  [4, oddReads],
  [3, wrongJson],
  [2, wrongNar],
  [2, wrongBundle],
  [2, wrongPublication],
  [2, wrongPut],
  [1, wrongFile],
  [1, wrongClaim],
  [1, cutUpload],
  [1, brokenHttp],
  [1, noise],
]
const attacks = weights.flatMap(([times, attack]) => Array.from({ length: times }, () => attack))

const octets = 'application/octet-stream'
const nix32 = '0123456789abcdfghijklmnpqrsvwxyz'

function oddPath(target: Target, random: Random): string {
  const { storeHash, narInfo } = random.pick(target.paths)
  const page = random.pick([
    'nix-cache-info',
    `${storeHash}.narinfo`,
    `${storeHash}.ls`,
    `${random.text(32, nix32)}.narinfo`,
    `nar/${String(narInfo['cFileHash'])}.nar.zst`,
    `nar/${random.text(52, nix32)}.nar.zst`,
    '..%2f..%2fetc/passwd',
    '../../../../etc/passwd',
    `${storeHash}.narinfo/`,
    '%00',
    '%ff%fe',
    '%',
    'x'.repeat(random.below(10_000)),
    random.bytes(12).toString('hex').replaceAll(/(..)/g, '%$1'),
  ])
  const prefix = random.pick([
    '/',
    `/${target.cache}/`,
    `/api/v1/cache/${target.cache}/`,
    '//',
    '/nosuch/',
    '/api/v1/',
  ])
  const path = `${prefix}${page}`
  return random.chance(0.2)
    ? mutate(Buffer.from(path), random)
        .toString('latin1')
        .replaceAll(/[^!-~]/g, '_')
    : path
}

function oddHost(target: Target, random: Random): string {
  return random.pick([
    `localhost:${target.port}`,
    `${target.cache}.localhost:${target.port}`,
    `..localhost:${target.port}`,
    `${'a'.repeat(300)}.localhost`,
    '[::1]:1',
    'localhost:99999',
    '',
    'xn--.localhost',
    random.text(20, '.-:@/[]%_a0'),
  ])
}

function oddAuthorization(random: Random): string {
  return random.pick([
    'Bearer',
    'Bearer ',
    `Bearer ${'x'.repeat(random.below(6000))}`,
    'Basic',
    'Basic !!!',
    `Basic ${random.bytes(random.below(60)).toString('base64')}`,
    'Negotiate abc',
  ])
}

function post(target: Target, path: string, { type, body }: { type: string; body: Buffer }): RawRequest {
  return whole({
    method: 'POST',
    path: `/api/v1/${path}`,
    headers: {
      host: `localhost:${target.port}`,
      authorization: `Bearer ${target.token}`,
      'content-type': type,
    },
    body,
  })
}

function whole({ method, path, headers, body }: Parts): RawRequest {
  const allHeaders = { ...headers, connection: 'close', 'content-length': String(body.length) }
  const lines = Object.entries(allHeaders).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
  return { bytes: Buffer.concat([Buffer.from(head, 'latin1'), body]), wantsAnswer: true }
}
