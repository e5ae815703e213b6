import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../../embedded/commands.ts';
import { onServer } from './machine.ts';
import type { Rig } from './rig.ts';

const TIMEOUT_MS = 30_000;
const TRUSTED = '/usr/local/share/ca-certificates/buildpacks-of-tests.crt';

/** Somebody else's buildpacks, on the internet as builds of the rig see it: git over HTTPS, and archives. */
export type BuildpackServer = {
  url: string;
  /** Makes a commit of `NAME.git` with these files, programs all; returns it. */
  commit: (name: string, files: Record<string, string>) => Promise<string>;
  /** Packs the last commit of `NAME.git` as `/NAME.tgz`. */
  pack: (name: string) => Promise<void>;
  stop: () => Promise<void>;
};

export async function startBuildpackServer(rig: Rig): Promise<BuildpackServer> {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-buildpacks-'));
  const host = rig.router.host.replace(/\.\d+$/, '.1');
  const tls = await makeCertificate(folder, host);
  const server = createServer(tls, (request, response) => void answer(folder, request, response));
  await once(server.listen(0, host), 'listening');
  await trust(rig, `cat >${TRUSTED} && update-ca-certificates >/dev/null 2>&1`, tls.cert.toString());
  const git = (name: string, ...words: string[]) =>
    run({ command: 'git', args: ['-C', join(folder, name), ...words], timeoutMs: TIMEOUT_MS, env: GIT_ENVIRONMENT });

  return {
    url: `https://${host}:${(server.address() as AddressInfo).port}`,
    async commit(name, files) {
      await run({ command: 'git', args: ['init', '-q', '-b', 'main', join(folder, name)], timeoutMs: TIMEOUT_MS });
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name, path)), { recursive: true });
        writeFileSync(join(folder, name, path), text, { mode: 0o755 });
      }
      await git(name, 'add', '--all');
      await git(name, 'commit', '-q', '--message', 'A buildpack');
      return (await git(name, 'rev-parse', 'HEAD')).trim();
    },
    async pack(name) {
      await git(name, 'archive', '--prefix', `${name}-main/`, '--output', join(folder, `${name}.tgz`), 'HEAD');
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await trust(rig, `rm -f ${TRUSTED} && update-ca-certificates --fresh >/dev/null 2>&1`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const GIT_ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};

async function makeCertificate(folder: string, host: string): Promise<{ cert: Buffer; key: Buffer }> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert];
  const subject = ['-subj', '/CN=buildpacks', '-addext', `subjectAltName=IP:${host}`, '-days', '1'];
  await run({ command: 'openssl', args: ['req', '-x509', ...newKey, ...subject], timeoutMs: TIMEOUT_MS });
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

/** Builds trust what their server does. */
async function trust(rig: Rig, command: string, stdin = ''): Promise<void> {
  await onServer(rig, 'server1', command, stdin);
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, search } = new URL(request.url ?? '/', 'https://x');
  if (/^\/[a-z-]+\.tgz$/.test(pathname)) {
    response.end(readFileSync(join(folder, pathname)));
    return;
  }
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...GIT_ENVIRONMENT,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  for await (const chunk of backend.stdout) chunks.push(chunk as Buffer);
  const whole = Buffer.concat(chunks);
  const end = whole.indexOf('\r\n\r\n');
  for (const line of whole.toString('latin1', 0, end).split('\r\n')) {
    const [name = '', value = ''] = line.split(/: ?/, 2);
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value);
    else if (name !== '') response.setHeader(name, value);
  }
  response.end(whole.subarray(end + 4));
}
