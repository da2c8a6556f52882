import { routes } from '../../src/http/api.ts'
import { absentHash, samplePath } from './http-stage.ts'
import type { Question } from './http-stage.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const narHash = '0'.repeat(52)

/** What Nix, and people, may ask of a cache, whether it is answered yet or not. */
const nixPaths = [
  '',
  'anything',
  'nix-cache-info',
  `${samplePath.hash}.narinfo`,
  `${absentHash}.narinfo`,
  `${samplePath.hash}.ls`,
  `nar/${narHash}.nar.zst`,
  `nar/${narHash}.nar`,
  `nar/${narHash}-${samplePath.hash}.nar.xz`,
  'nar/nonsense',
  `log/${samplePath.hash}-${samplePath.name}.drv`,
  `serve/${samplePath.hash}/file`,
  `realisations/sha256:${narHash}!out.doi`,
  `build-trace-v2/${samplePath.hash}-x.drv/out.doi`,
  `debuginfo/${'0'.repeat(40)}`,
  `debuginfo/${'0'.repeat(40)}.debug`,
]

/** Of the ways in which something is asked, those that change the answer. */
const variants: readonly Record<string, string>[] = [
  {},
  { range: 'bytes=0-3' },
  { range: 'bytes=999999999-' },
  { 'if-none-match': '*' },
]

/**
 * Every question that names a cache: each operation of the API, as listed there, and each path of Nix in the three places
 * where a cache has it, with every method. `narName` is the file name of a NAR that may be there.
 */
export function everyQuestion(name: string, narName: string): Question[] {
  return [
    ...asNix(name, [...nixPaths, `nar/${narName}`]).flatMap((question) =>
      withMethods(question, ['StoreDir: /x']),
    ),
    ...apiPaths(name).flatMap((path) => withMethods({ path }, ['{}', '[]'])),
    ...namedInBody(name),
  ]
}

function asNix(name: string, paths: readonly string[]): Question[] {
  return paths.flatMap((path) => [
    { path: `/${name}/${path}` },
    { path: `/${path}`, host: `${name}.localhost` },
    { path: `/api/v1/cache/${name}/${path}` },
  ])
}

function withMethods(question: Question, bodies: readonly string[]): Question[] {
  const reads = variants.flatMap((headers) => [
    { ...question, headers },
    { ...question, headers, method: 'HEAD' },
  ])
  const { path, host } = question
  const others = methods
    .slice(2)
    .flatMap((method) => [undefined, ...bodies].map((body): Question => ({ path, host, method, body })))
  return [...reads, ...others]
}

/** Parts that the routes name, other than the cache, are given something that fits most. */
function apiPaths(name: string): string[] {
  const parts = new Map([
    [':name', name],
    [':file', `${samplePath.hash}.narinfo`],
  ])
  return routes
    .filter(({ path }) => path.includes('/:name'))
    .map(({ path }) => path.replaceAll(/(:\w+)(?:\{[^/]*\})?/g, (_, part: string) => parts.get(part) ?? '1'))
    .map((path) => `/api/v1${path}`)
}

/** Operations that are told the cache in their body. */
function namedInBody(name: string): Question[] {
  const bodies = [{ cache: name }, { cache: name, permission: 'Read' }, { cache: name, token: 'a.b.c' }]
  return routes
    .filter(({ path, method }) => !path.includes('/:name') && method === 'post')
    .flatMap(({ path }) =>
      bodies.map((body) => ({ method: 'POST', path: `/api/v1${path}`, body: JSON.stringify(body) })),
    )
}
