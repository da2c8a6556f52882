import { mkdirSync, writeFileSync } from 'node:fs'
import { freePort } from '../../test/harness/free-port.ts'
import { Daemon } from '../measure/daemon.ts'
import { cacheName } from './cachix-server.ts'

/** nginx with one worker, as it is configured to serve files quickly. */
export class NginxServer {
  /** Where the server is, without a slash at the end. */
  readonly url: string
  readonly pid: number
  readonly #daemon: Daemon

  private constructor(url: string, daemon: Daemon) {
    this.url = url
    this.pid = daemon.pid
    this.#daemon = daemon
  }

  /** Serves the files below `root`, in which there has to be a file `healthz`. Its own files go to `directory`. */
  static async start(root: string, directory: string): Promise<NginxServer> {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const file = `${directory}/nginx.conf`
    mkdirSync(`${directory}/nginx`)
    writeFileSync(file, configuration({ root, port, temporary: `${directory}/nginx` }))
    const started = ['-c', file, '-e', `${directory}/nginx.log`]
    const options = { env: process.env, log: `${directory}/nginx.log`, readyUrl: `${url}/healthz` }
    return new NginxServer(url, await Daemon.start('nginx', started, options))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]()
  }
}

// The headers are those our server sends, so that answers are of about equal size. The user is only looked at by root.
function configuration({ root, port, temporary }: { root: string; port: number; temporary: string }): string {
  return `
user root root;
daemon off;
worker_processes 1;
pid ${temporary}/pid;
events { worker_connections 4096; }
http {
  access_log off;
  log_not_found off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_requests 100000000;
  types { text/x-nix-narinfo narinfo; }
  default_type application/x-nix-nar;
  client_body_temp_path ${temporary}/body;
  proxy_temp_path ${temporary}/proxy;
  fastcgi_temp_path ${temporary}/fastcgi;
  uwsgi_temp_path ${temporary}/uwsgi;
  scgi_temp_path ${temporary}/scgi;
  server {
    listen 127.0.0.1:${port};
    root ${root};
    add_header Cache-Control "public, max-age=60, must-revalidate";
    location /${cacheName}/nar/ {
      add_header Cache-Control "public, max-age=31536000, immutable";
      add_header Content-Disposition attachment;
    }
  }
}
`
}
