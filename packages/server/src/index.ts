export { parseServerConfig } from './config.ts'
export type { Environment, ServerConfig, ServerOptions } from './config.ts'
export { createServer } from './server.ts'
export type { RunningServer, ServerSurroundings } from './server.ts'
