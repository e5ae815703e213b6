import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { download, upload } from './transfer.ts';

const folder = mkdtempSync(join(tmpdir(), 'dcdget-transfer-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'file');
const never = new AbortController().signal;

async function withStorage(listener: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const storage = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => storage.once('listening', resolve));
  try {
    await use(`http://127.0.0.1:${(storage.address() as AddressInfo).port}/key?signature=secret`);
  } finally {
    storage.closeAllConnections();
    storage.close();
  }
}

test('a download leaves the file and tells its sha256', async () => {
  await withStorage(
    (_request, response) => response.end('content'),
    async (url) => {
      const sha256 = await download({ what: 'source', url, file, maxMb: 1 }, never);
      assert.equal(sha256, createHash('sha256').update('content').digest('hex'));
      assert.equal(readFileSync(file, 'utf8'), 'content');
    },
  );
});

test('a download of what is not there tells so', async () => {
  await withStorage(
    (_request, response) => response.writeHead(404).end(),
    async (url) => assert.equal(await download({ what: 'cache', url, file, maxMb: 1 }, never), undefined),
  );
});

test('a download that breaks off is tried again from the start', async () => {
  let requests = 0;
  await withStorage(
    (_request, response) => {
      requests += 1;
      if (requests > 1) response.end('whole');
      else response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy());
    },
    async (url) => {
      await download({ what: 'source', url, file, maxMb: 1 }, never);
      assert.equal(readFileSync(file, 'utf8'), 'whole');
      assert.equal(requests, 2);
    },
  );
});

test('a download that is too large is the fault of who sent it and ends at the limit', async () => {
  await withStorage(
    (_request, response) => response.end(Buffer.alloc(2 * 1024 * 1024)),
    async (url) => assert.rejects(download({ what: 'source', url, file, maxMb: 1 }, never), { code: 'source_invalid' }),
  );
});

test('an upload is one request of known length, and is refused without the URL in the error', async () => {
  writeFileSync(file, Buffer.alloc(300_000, 'x'));
  let length: string | undefined;
  await withStorage(
    (request, response) => {
      length = request.headers['content-length'];
      request.resume().on('end', () => response.end());
    },
    (url) => upload('slug', file, url, never),
  );
  assert.equal(length, '300000');
  await withStorage(
    (request, response) => request.resume().on('end', () => response.writeHead(403).end()),
    async (url) =>
      assert.rejects(
        upload('slug', file, url, never),
        (error: Error & { code?: string }) =>
          error.code === 'storage_failed' && /answered 403/.test(error.message) && !error.message.includes('secret'),
      ),
  );
});

test('a refusal is told although the storage hangs up before it has read the file', async () => {
  writeFileSync(file, Buffer.alloc(8 * 1024 * 1024, 'x'));
  await withStorage(
    (request, response) =>
      request.once('data', () => response.writeHead(403).end(() => setTimeout(() => request.destroy(), 20))),
    async (url) =>
      assert.rejects(upload('slug', file, url, never), { code: 'storage_failed', message: /answered 403/ }),
  );
});

test('an upload that breaks off without an answer says so', async () => {
  await withStorage(
    (request) => void request.once('data', () => request.destroy()),
    async (url) => assert.rejects(upload('slug', file, url, never), { code: 'storage_failed', message: /broke off/ }),
  );
});

test('a transfer ends at once when the build is cancelled', async () => {
  await withStorage(
    (_request, response) => void response.writeHead(200).write('x'),
    async (url) => {
      const cancel = new AbortController();
      setTimeout(() => cancel.abort(new Error('cancelled')), 50);
      await assert.rejects(download({ what: 'source', url, file, maxMb: 1 }, cancel.signal), /cancelled/);
    },
  );
});
