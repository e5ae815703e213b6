import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../../embedded/commands.ts';

const TIMEOUT_MS = 30_000;

/** Somebody else's host with code on it: git over HTTPS, archives, and what else a test lets it answer. */
export type CodeHost = {
  url: string;
  /** PEM of its certificate, which nobody trusts by itself. */
  certificate: string;
  /** Makes a commit of `NAME` with these files, programs all; returns it. */
  commit: (name: string, files: Record<string, string>) => Promise<string>;
  /** Packs the last commit of `NAME` as `/NAME.tgz`. */
  pack: (name: string) => Promise<void>;
  git: (name: string, ...words: string[]) => Promise<string>;
  /** Below `/NAME/` only this password is let in. */
  passwords: Map<string, string>;
  /** What is answered at a path instead. */
  answers: Map<string, (request: IncomingMessage, response: ServerResponse) => void>;
  /** What was asked, `METHOD PATH` each. */
  asked: string[];
  stop: () => Promise<void>;
};

export async function startCodeHost(host: string, port = 0): Promise<CodeHost> {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-code-host-'));
  const tls = await makeCertificate(folder, host);
  const code: Pick<CodeHost, 'passwords' | 'answers' | 'asked'> = {
    passwords: new Map(),
    answers: new Map(),
    asked: [],
  };
  const server = createServer(tls, (request, response) => void answer(folder, code, request, response));
  await once(server.listen(port, host), 'listening');
  const git = (name: string, ...words: string[]) =>
    run({ command: 'git', args: ['-C', join(folder, name), ...words], timeoutMs: TIMEOUT_MS, env: GIT_ENVIRONMENT });

  return {
    ...code,
    url: `https://${host}:${(server.address() as AddressInfo).port}`,
    certificate: tls.cert.toString(),
    git,
    async commit(name, files) {
      await run({ command: 'git', args: ['init', '-q', '-b', 'main', join(folder, name)], timeoutMs: TIMEOUT_MS });
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name, path)), { recursive: true });
        writeFileSync(join(folder, name, path), text, { mode: 0o755 });
      }
      await git(name, 'add', '--all');
      await git(name, 'commit', '-q', '--message', 'Something new');
      return (await git(name, 'rev-parse', 'HEAD')).trim();
    },
    async pack(name) {
      await git(name, 'archive', '--prefix', `${name}-main/`, '--output', join(folder, `${name}.tgz`), 'HEAD');
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
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

/** `key.pem` and `cert.pem` in the folder: of an address, signed by itself. */
export async function makeCertificate(folder: string, host: string): Promise<{ cert: Buffer; key: Buffer }> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert];
  const subject = ['-subj', '/CN=code', '-addext', `subjectAltName=IP:${host}`, '-days', '1'];
  await run({ command: 'openssl', args: ['req', '-x509', ...newKey, ...subject], timeoutMs: TIMEOUT_MS });
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

async function answer(
  folder: string,
  { passwords, answers, asked }: Pick<CodeHost, 'passwords' | 'answers' | 'asked'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, search } = new URL(request.url ?? '/', 'https://x');
  asked.push(`${request.method} ${pathname}`);
  const own = answers.get(pathname);
  if (own !== undefined) return own(request, response);
  const password = passwords.get(pathname.split('/')[1] ?? '');
  if (password !== undefined && passwordOf(request) !== password) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="code"' }).end();
    return;
  }
  if (/^\/[a-z-]+\.tgz$/.test(pathname)) {
    const file = join(folder, pathname);
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
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

function passwordOf({ headers }: IncomingMessage): string | undefined {
  const [scheme, credentials = ''] = (headers.authorization ?? '').split(' ', 2);
  return scheme === 'Basic' ? Buffer.from(credentials, 'base64').toString('utf8').split(':')[1] : undefined;
}
