import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Build } from '../domain/releases.ts';
import type { OriginSecret } from '../domain/sources.ts';
import { uploadKey } from '../objects/keys.ts';
import { createGate } from '../sources/gate.ts';
import { startCodeHost, type CodeHost } from '../test/rig/code-host.ts';
import { bringSource, type SourceDeps } from './sources.ts';

const KEY = 'apps/a/sources/s.tar.gz';

let host: CodeHost;
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dcdget-sources-'));
  host = await startCodeHost('127.0.0.1');
});
after(async () => {
  await host.stop();
  rmSync(folder, { recursive: true });
});

/** What fetchSource makes of a build: what is stored at its key, and what its record says. */
async function brought(build: Partial<Build>, secret: OriginSecret = { kind: 'none' }, uploads: string[] = []) {
  const stored = new Map<string, Buffer>(uploads.map((id) => [uploadKey(id), Buffer.from('uploaded')]));
  const changed: Partial<Build> = {};
  const deps = {
    store: {
      builds: {
        change: async (_id: string, fields: Partial<Build>) => void Object.assign(changed, fields),
        secret: async () => secret,
      },
    },
    objects: {
      size: async (key: string) => stored.get(key)?.length ?? null,
      copy: async (from: string, to: string) => void stored.set(to, stored.get(from) ?? Buffer.alloc(0)),
      writeStream: async (key: string, body: Readable) => void stored.set(key, await buffer(body)),
    },
    sources: {
      gate: createGate(['127.0.0.1'], async () => []),
      ca: async () => host.certificate,
      scratch: { open: async () => folder, close: async () => undefined },
      maxMb: 10,
    },
    signal: () => AbortSignal.timeout(20_000),
  } as unknown as SourceDeps;
  await bringSource(deps, { id: 'b', sourceId: 's', ...build } as Build, KEY);
  return { archive: stored.get(KEY), changed };
}

test('an upload is taken as it is, and one that is gone is told', async () => {
  assert.equal((await brought({}, undefined, ['s'])).archive?.toString(), 'uploaded');
  await assert.rejects(brought({ origin: null }), { code: 'source_invalid', message: /uploaded source is gone/ });
});

test('an archive is fetched from its whole address', async () => {
  const archive = gzipSync('a tar');
  host.answers.set('/app.tgz', (request, response) => {
    response.writeHead(request.url?.endsWith('?signature=mine') ? 200 : 403).end(archive);
  });
  const origin = { kind: 'archive', url: `${host.url}/app.tgz` } as const;
  const secret = { kind: 'archive', url: `${host.url}/app.tgz?signature=mine` } as const;
  assert.deepEqual((await brought({ origin }, secret)).archive, archive);
});

test('a commit becomes an archive; the record has its id and what was not fetched, and nothing stays behind', async () => {
  await host.commit('code', { 'server.js': 'one\n', '.slugignore': '*.md\n', 'notes.md': 'x' });
  const first = (await host.git('code', 'rev-parse', 'HEAD')).trim();
  await host.git('code', 'update-index', '--add', '--cacheinfo', `160000,${first},vendor/lib`);
  await host.git('code', 'commit', '--quiet', '--message', 'a submodule');
  const head = (await host.git('code', 'rev-parse', 'HEAD')).trim();
  const { archive, changed } = await brought({ origin: { kind: 'git', url: `${host.url}/code`, ref: 'main' } });
  const tar = gunzipSync(archive ?? '').toString('latin1');
  assert.match(tar, /server\.js/);
  assert.doesNotMatch(tar, /notes\.md/);
  assert.equal(changed.sourceVersion, head);
  assert.match(changed.remarks?.join('\n') ?? '', /Submodules are not fetched, their folders stay empty: vendor\/lib/);
  assert.deepEqual(readdirSync(folder), []);
});
