// Real reverse proxies in front of Halley: as docs/proxies has them, and as they should not be.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { fileURLToPath } from 'node:url';

import { freePort } from './stage.mjs';

const docs = fileURLToPath(new URL('../../../docs/proxies/', import.meta.url));

// An example of docs/proxies with this test's ports in it.
async function example(name, edits) {
  let text = await readFile(`${docs}${name}`, 'utf8');
  for (const [from, to] of edits) {
    if (!text.includes(from)) throw new Error(`docs/proxies/${name} no longer holds "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}

// Proxies say nothing when they are ready: their port does.
async function listening(child, port) {
  let ended = false;
  child.ended.then(() => { ended = true; });
  while (!ended) {
    const there = await new Promise((resolve) => {
      const probe = net.connect(port, '127.0.0.1', () => { probe.destroy(); resolve(true); });
      probe.on('error', () => setTimeout(resolve, 50, false));
    });
    if (there) return;
  }
  throw new Error(`the proxy ended at once:\n${child.said.lines.join('\n')}`);
}

async function nginx(stage, port, { servers, streams = '' }) {
  const file = stage.path('nginx.conf');
  await writeFile(file, `
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
master_process off;
pid ${stage.path('nginx.pid')};
error_log stderr warn;
events { worker_connections 512; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${stage.path(what)};`).join('\n  ')}
  ${servers}
}
${streams}
`);
  const child = stage.run('nginx', 'nginx', ['-e', 'stderr', '-c', file]);
  await listening(child, port);
}

async function haproxy(stage, port, config) {
  const file = stage.path('haproxy.cfg');
  await writeFile(file, config);
  const child = stage.run('haproxy', 'haproxy', ['-db', '-f', file]);
  await listening(child, port);
}

async function caddy(stage, port, config) {
  const file = stage.path('Caddyfile');
  await writeFile(file, `{\n\tadmin off\n\tauto_https off\n}\n${config}`);
  const home = stage.path('caddy');
  await mkdir(home);
  const env = { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home };
  const child = stage.run('caddy', 'caddy', ['run', '--adapter', 'caddyfile', '--config', file], { env });
  await listening(child, port);
}

// Each gives the address under which Halley is reached.
export const good = {
  nginx: async (stage, halley) => {
    const port = await freePort();
    const servers = await example('nginx.conf', [['127.0.0.1:8067', `127.0.0.1:${halley.httpPort}`], ['listen 80;', `listen 127.0.0.1:${port};`]]);
    await nginx(stage, port, { servers });
    return `http://127.0.0.1:${port}`;
  },
  haproxy: async (stage, halley) => {
    const port = await freePort();
    await haproxy(stage, port, await example('haproxy.cfg', [['127.0.0.1:8067', `127.0.0.1:${halley.httpPort}`], ['bind :80 ', `bind 127.0.0.1:${port} `]]));
    return `http://127.0.0.1:${port}`;
  },
  caddy: async (stage, halley) => {
    const port = await freePort();
    await caddy(stage, port, await example('Caddyfile', [['127.0.0.1:8067', `127.0.0.1:${halley.httpPort}`], ['irc.example.org {', `:${port} {`]]));
    return `http://127.0.0.1:${port}`;
  },
};

// A path of its own, all that can be kept back is, everything is compressed, HTTP/1.0 towards Halley or connections that are
// not kept, and whatever is silent for three seconds is dropped.
export const bad = {
  nginx: async (stage, halley) => {
    const port = await freePort();
    await nginx(stage, port, { servers: `
server {
  listen 127.0.0.1:${port};
  gzip on;
  gzip_types *;
  gzip_min_length 0;
  gzip_proxied any;
  location /chat/ {
    proxy_pass http://127.0.0.1:${halley.httpPort}/;
    proxy_http_version 1.0;
    proxy_buffering on;
    proxy_ignore_headers X-Accel-Buffering;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_read_timeout 3s;
  }
}` });
    return `http://127.0.0.1:${port}/chat`;
  },
  haproxy: async (stage, halley) => {
    const port = await freePort();
    await haproxy(stage, port, `
defaults
    mode http
    timeout connect 3s
    timeout client 3s
    timeout server 3s
    timeout tunnel 3s
    option http-buffer-request
    option httpclose
    option forwardfor
frontend web
    bind 127.0.0.1:${port}
    http-request replace-path /chat(/.*) \\1
    compression algo gzip
    compression type text/html text/event-stream application/json application/x-ndjson
    default_backend halley
backend halley
    server halley 127.0.0.1:${halley.httpPort}
`);
    return `http://127.0.0.1:${port}/chat`;
  },
  caddy: async (stage, halley) => {
    const port = await freePort();
    await caddy(stage, port, `:${port} {
	encode {
		gzip
		minimum_length 1
		match {
			header Content-Type *
		}
	}
	handle_path /chat/* {
		reverse_proxy 127.0.0.1:${halley.httpPort} {
			flush_interval 3s
			transport http {
				read_timeout 3s
				keepalive off
			}
		}
	}
}
`);
    return `http://127.0.0.1:${port}/chat`;
  },
};

// HAProxy that passes bytes on to a port and says by a PROXY header who speaks. Its own port is the answer.
export async function tunnel(stage, far, send) {
  const port = await freePort();
  await haproxy(stage, port, `
defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend near
    bind 127.0.0.1:${port}
    default_backend halley
backend halley
    server halley 127.0.0.1:${far} ${send}
`);
  return port;
}

// Those that pass bytes on and say who speaks by the PROXY protocol.
export const tunnels = {
  'nginx, PROXY v1': async (stage, halley) => {
    const port = await freePort();
    await nginx(stage, port, { servers: '', streams: `
stream {
  server {
    listen 127.0.0.1:${port};
    proxy_pass 127.0.0.1:${halley.httpPort};
    proxy_protocol on;
  }
}` });
    return `http://127.0.0.1:${port}`;
  },
  ...Object.fromEntries(['send-proxy', 'send-proxy-v2'].map((how) => [`haproxy, ${how}`, async (stage, halley) =>
    `http://127.0.0.1:${await tunnel(stage, halley.httpPort, how)}`])),
};
