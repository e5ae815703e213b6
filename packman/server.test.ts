import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DcdgetError } from '../domain/errors.ts';
import { DEFAULT_PROCESS_SETTINGS, type HealthCheck, type ProcessSettings } from '../domain/processes.ts';
import { BuildSlots } from './build-slots.ts';
import { compileSlug, type CompileSlug } from './client.ts';
import { createServer, type Deps } from './server.ts';
import type { Settings } from './settings.ts';

const TOKEN = 'a-token-of-sixteen-or-more';
const REQUEST = {
  operationId: 'op',
  source: { url: 'https://s3.example/source', sha256: 'a'.repeat(64) },
  stack: 'batman',
  imageVersion: 'bookworm-0123456789ab',
  slug: { putUrl: 'https://s3.example/slug' },
};
const COMPILED = {
  outcome: 'made' as const,
  digest: 'b'.repeat(64),
  bytes: 42,
  processTypes: { web: 'node sërver.js' },
  configDefaults: {},
  processSettings: {},
  buildpack: 'heroku/nodejs',
  buildpackVersions: '-',
};
const CHECK: HealthCheck = {
  name: 'check 1',
  path: '/',
  port: null,
  content: null,
  uptime: null,
  timeout: 5,
  attempts: 3,
  wait: 5,
  initialDelay: 0,
};

const folder = mkdtempSync(join(tmpdir(), 'dcdget-packman-'));
let tls: { cert: string; key: string };
before(() => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=packman', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1'];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
  execFileSync('openssl', ['req', '-x509', ...newKey, '-out', cert, ...subject], { stdio: 'ignore' });
  tls = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
});
after(() => rmSync(folder, { recursive: true, force: true }));

type Answer = { status: number; body: string; trailers: NodeJS.Dict<string> };
type Client = {
  open: (
    path: string,
    options?: { body?: unknown; token?: string; method?: string },
  ) => ReturnType<typeof https.request>;
  ask: (...args: Parameters<Client['open']>) => Promise<Answer>;
  /** As the workers call it. */
  compile: () => ReturnType<CompileSlug>;
};

async function withPackman(
  compile: Deps['compile'],
  use: (client: Client) => Promise<void>,
  { slots = new BuildSlots(2, 5), stopping = new AbortController().signal } = {},
): Promise<void> {
  const settings = { token: TOKEN, tls, limits: { logMb: 1 } } as Settings;
  const serverLog = (): void => undefined;
  const server = createServer({ settings, slots, version: '1.2.3', stopping, serverLog, compile });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const open: Client['open'] = (path, { body = REQUEST, token = TOKEN, method = 'POST' } = {}) => {
    const headers = { authorization: `Bearer ${token}` };
    const request = https.request({ host: '127.0.0.1', port, path, method, headers, ca: tls.cert, agent: false });
    request.end(method === 'GET' ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
    return request;
  };
  const ask: Client['ask'] = async (...args) => {
    const [response] = (await once(open(...args), 'response')) as [IncomingMessage];
    const body = await text(response);
    return { status: response.statusCode ?? 0, body, trailers: response.trailers };
  };
  const packman = { url: `https://127.0.0.1:${port}`, ca: tls.cert, token: TOKEN };
  const watch = { onOutput: () => undefined, signal: AbortSignal.timeout(10_000) };
  const compileAsWorkersDo: Client['compile'] = () =>
    compileSlug(packman, { ...REQUEST, stack: 'batman', app: 'hello' }, watch);
  try {
    await use({ open, ask, compile: compileAsWorkersDo });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function decoded(trailer: string | undefined): string {
  return Buffer.from(trailer ?? '', 'base64').toString('utf8');
}

test('a compile answers with its log, and how it ended in trailers', async () => {
  await withPackman(
    async (_settings, _slot, _request, log) => {
      log.step('Node.js app detected');
      return COMPILED;
    },
    async ({ ask }) => {
      const { status, body, trailers } = await ask('/apps/hello/compile');
      assert.equal(status, 200);
      assert.equal(body, '-----> Node.js app detected\n');
      assert.equal(trailers['dcdget-exit-status'], '0');
      assert.equal(trailers['dcdget-slug-digest'], COMPILED.digest);
      assert.equal(trailers['dcdget-slug-bytes'], '42');
      assert.deepEqual(JSON.parse(decoded(trailers['dcdget-process-types'])), COMPILED.processTypes);
      assert.equal(trailers['dcdget-failure'], undefined);
    },
  );
});

test('the most that an app may declare comes through to the caller', async () => {
  const named = (count: number, value: string): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`name${n}`, value]));
  const healthchecks = [{ ...CHECK, content: 'ü'.repeat(1000) }];
  const settings: ProcessSettings = { ...DEFAULT_PROCESS_SETTINGS, healthchecks };
  const large = {
    ...COMPILED,
    processTypes: named(16, 'x'.repeat(4096)),
    configDefaults: named(64, 'y'.repeat(1000)),
    processSettings: Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`name${n}`, settings])),
  };
  await withPackman(
    () => Promise.resolve(large),
    async ({ compile }) => {
      const { outcome, ...made } = large;
      assert.deepEqual(await compile(), { status: 'compiled', ...made });
    },
  );
});

test('a compile that found its slug made before tells so', async () => {
  await withPackman(
    () => Promise.resolve({ outcome: 'known' }),
    async ({ compile }) => assert.deepEqual(await compile(), { status: 'known' }),
  );
});

test('the log arrives while the compile runs', async () => {
  const { promise: seen, resolve: tell } = Promise.withResolvers<void>();
  await withPackman(
    async (_settings, _slot, _request, log) => {
      log.step('first');
      await seen;
      return COMPILED;
    },
    async ({ open }) => {
      const [response] = (await once(open('/apps/hello/compile'), 'response')) as [IncomingMessage];
      const [chunk] = (await once(response, 'data')) as [Buffer];
      assert.equal(String(chunk), '-----> first\n');
      tell();
      await once(response.resume(), 'end');
      assert.equal(response.trailers['dcdget-exit-status'], '0');
    },
  );
});

for (const [title, error, status] of [
  ["the app's fault", new DcdgetError('build_failed', 'The “build” script failed.'), '1'],
  ["the source's fault", new DcdgetError('source_invalid', 'The source is no archive.'), '1'],
  ["the storage's fault", new DcdgetError('storage_failed', 'The transfer broke off.'), '75'],
  ['unknown', new TypeError('x is undefined'), '75'],
] as const) {
  test(`a compile that fails by what is ${title} ends with status ${status} and one sentence`, async () => {
    const sentence =
      error instanceof DcdgetError ? error.message : 'The build server failed in a way it does not know.';
    await withPackman(
      () => Promise.reject(error),
      async ({ ask }) => {
        const { body, trailers } = await ask('/apps/hello/compile');
        assert.equal(trailers['dcdget-exit-status'], status);
        assert.equal(decoded(trailers['dcdget-failure']), sentence);
        assert.equal(body, ` !     ${sentence}\n`);
      },
    );
  });
}

test('the caller going away cancels the compile', async () => {
  const { promise: cancelled, resolve: tell } = Promise.withResolvers<unknown>();
  await withPackman(
    async (_settings, _slot, _request, log, signal) => {
      log.step('running');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      tell(signal.reason);
      throw signal.reason;
    },
    async ({ open }) => {
      const request = open('/apps/hello/compile');
      request.on('error', () => undefined);
      await once(request, 'response');
      request.destroy();
      const reason = await Promise.race([cancelled, sleep(5000)]);
      assert.ok(reason instanceof DcdgetError && reason.code === 'cancelled');
    },
  );
});

test('a compile without a free slot says that it waits, and runs when the other is done', async () => {
  const { promise: finish, resolve: tell } = Promise.withResolvers<void>();
  let running = 0;
  const compile: Deps['compile'] = async () => {
    running += 1;
    assert.equal(running, 1);
    await finish;
    running -= 1;
    return COMPILED;
  };
  await withPackman(
    compile,
    async ({ ask, open }) => {
      const first = ask('/apps/hello/compile');
      while (running === 0) await sleep(5);
      const [second] = (await once(open('/apps/other/compile'), 'response')) as [IncomingMessage];
      assert.match(String((await once(second, 'data'))[0]), /^-----> Waiting for a build slot/);
      assert.equal((await ask('/apps/third/compile')).status, 503);
      tell();
      await once(second.resume(), 'end');
      assert.equal(second.trailers['dcdget-exit-status'], '0');
      assert.equal((await first).trailers['dcdget-exit-status'], '0');
    },
    { slots: new BuildSlots(1, 1) },
  );
});

test('a build server that is stopped ends its compiles as ones to be tried again', async () => {
  const stopping = new AbortController();
  await withPackman(
    (_settings, _slot, _request, _log, signal) => {
      setTimeout(() => stopping.abort(new DcdgetError('unavailable', 'The build server is being stopped.')), 10);
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    },
    async ({ ask }) => assert.equal((await ask('/apps/hello/compile')).trailers['dcdget-exit-status'], '75'),
    { stopping: stopping.signal },
  );
});

test('without the token nothing but the health is told', async () => {
  await withPackman(
    () => assert.fail('must not compile'),
    async ({ ask }) => {
      assert.equal((await ask('/apps/hello/compile', { token: 'wrong' })).status, 401);
      assert.equal((await ask('/apps/hello/compile', { token: '' })).status, 401);
      assert.equal((await ask('/anything', { token: 'wrong', method: 'GET' })).status, 401);
      assert.deepEqual(await ask('/health', { token: 'wrong', method: 'GET' }), {
        status: 200,
        body: '{"version":"1.2.3"}',
        trailers: {},
      });
    },
  );
});

test('a request that is not one is refused before anything runs', async () => {
  await withPackman(
    () => assert.fail('must not compile'),
    async ({ ask }) => {
      assert.equal((await ask('/apps/hello/compile', { body: '{' })).status, 400);
      assert.equal((await ask('/apps/hello/compile', { body: {} })).status, 422);
      assert.equal((await ask('/apps/..%2f/compile')).status, 422);
      assert.equal((await ask('/apps/hello', { method: 'GET' })).status, 404);
    },
  );
});
