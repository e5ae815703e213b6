import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { limited } from '../../sources/limited.ts';
import { ask, createFakes, type Fakes } from '../fake-dependencies.ts';

async function newSource(fakes: Fakes): Promise<{ put: string; get: string }> {
  const { source_blob: blob } = (await ask(fakes, 'POST', '/sources')).body;
  return { put: pathOf(blob.put_url), get: pathOf(blob.get_url) };
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

test('an upload of any type or none is kept as it is, without credentials but the signature', async () => {
  for (const type of ['', 'application/gzip', 'application/json', 'text/plain']) {
    const fakes = createFakes();
    const { put, get } = await newSource(fakes);
    const headers = { authorization: '', 'content-type': type };
    const { status } = await ask(fakes, 'PUT', put, { body: Buffer.from('{bytes'), headers });
    assert.equal(status, 200, type);
    assert.equal((await ask(fakes, 'GET', get, { headers: { authorization: '' } })).body, '{bytes', type);
  }
});

test('the URLs are built on the host that the caller used', async () => {
  const fakes = createFakes();
  const { body } = await ask(fakes, 'POST', '/sources', { headers: { host: 'paas.example.com:9443' } });
  assert.match(body.source_blob.put_url, /^http:\/\/paas\.example\.com:9443\/sources\//);
});

test("a get URL does not upload, a put URL does not download, another source's token does neither", async () => {
  const fakes = createFakes();
  const [one, two] = [await newSource(fakes), await newSource(fakes)];
  const swapped = one.put.split('?')[0] + '?' + two.put.split('?')[1];
  for (const url of [one.get, swapped, `${one.put}x`, one.put.split('?')[0] + '?token=']) {
    assert.equal((await ask(fakes, 'PUT', url, { body: 'x' })).status, 401, url);
  }
  assert.equal((await ask(fakes, 'GET', one.put)).status, 401);
  assert.equal(fakes.data.objects.size, 0);
});

test('an empty upload is refused', async () => {
  const fakes = createFakes();
  const { put } = await newSource(fakes);
  for (const body of [undefined, Readable.from([])]) {
    const { status } = await ask(fakes, 'PUT', put, body === undefined ? {} : { body });
    assert.equal(status, 422);
  }
  assert.equal(fakes.data.objects.size, 0);
});

test('an upload that says it is too large is refused before a byte is kept', async () => {
  const fakes = createFakes();
  const { put } = await newSource(fakes);
  const headers = { 'content-length': String(600 * 1024 * 1024), 'content-type': 'application/gzip' };
  const { status, body } = await ask(fakes, 'PUT', put, { body: Readable.from(['x']), headers });
  assert.deepEqual([status, body.id], [413, 'too_large']);
  assert.match(body.message, /larger than 512 MB/);
});

test('an upload that turns out too large breaks the writing, so that nothing is kept', { timeout: 5000 }, async () => {
  const kept: Buffer[] = [];
  const write = async (stream: Readable) => {
    for await (const chunk of stream) kept.push(chunk as Buffer);
    throw new Error('the stream must not end');
  };
  const body = Readable.from([Buffer.alloc(600), Buffer.alloc(600)]);
  await assert.rejects(limited(body, write, 1000), { code: 'too_large' });
  assert.equal(kept.length <= 1, true);
});

test(
  'a failure of the object store reaches the caller, and the sender is read to the end',
  { timeout: 5000 },
  async () => {
    const body = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(65_536)));
    const write = () => Promise.reject(new Error('the object store is down'));
    await assert.rejects(limited(body, write), /the object store is down/);
    await once(body, 'end');
  },
);

test('an upload whose sender left is not kept', { timeout: 5000 }, async () => {
  const body = new PassThrough();
  body.write('half of it');
  const write = async (stream: Readable) => {
    for await (const chunk of stream) body.destroy(chunk === null ? new Error('unexpected') : undefined);
  };
  await assert.rejects(limited(body, write), { code: 'bad_request' });
});
