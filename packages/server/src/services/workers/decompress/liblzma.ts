import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { LZMAModule } from 'node-liblzma/wasm'
import createLiblzma from 'node-liblzma/wasm/liblzma.js'

/** liblzma as WebAssembly, with a memory of its own; compiled once in each thread. */
export async function openLiblzma(): Promise<LZMAModule> {
  return (await createLiblzma({ instantiateWasm })) as LZMAModule
}

/** What is used of https://www.w3.org/TR/wasm-js-api/, which Node's types leave to those of browsers. */
interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<object>
  instantiate(module: object, imports: object): Promise<object>
}

const api = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly
let compiled: Promise<object> | undefined

/** The hook that Emscripten's loader has for this. */
function instantiateWasm(imports: object, done: Done): object {
  void instantiate(imports, done)
  return {}
}

type Done = (instance: object, module: object) => void

async function instantiate(imports: object, done: Done): Promise<void> {
  compiled ??= api.compile(readFileSync(fileURLToPath(import.meta.resolve('node-liblzma/wasm/liblzma.wasm'))))
  const module = await compiled
  done(await api.instantiate(module, imports), module)
}
