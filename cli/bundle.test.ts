import { deepStrictEqual, doesNotMatch, match, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { FakeApi } from './fake-api.ts';
import { makeAuthority } from './fake-authority.ts';

test('the packed command line installs without a download and works by URL, token and CA alone', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-laptop-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const options = { cwd: folder, encoding: 'utf8', timeout: 120_000, stdio: 'pipe' } as const;
  const archive = execFileSync(join(import.meta.dirname, 'pack.sh'), [folder], options).trim();
  execFileSync('npm', ['install', '--global', '--offline', '--prefix', join(folder, 'prefix'), archive], options);

  const authority = makeAuthority();
  await using api = await new FakeApi(authority.server).listen();
  api.on('GET /apps', { body: [] });
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.ca);
  const home = join(folder, 'home');
  mkdirSync(home);
  const env = { PATH: process.env['PATH'], HOME: home, DCDGET_URL: api.url, DCDGET_TOKEN: 'token', DCDGET_CA: ca };
  const run = promisify(execFile);
  const { stdout, stderr } = await run(join(folder, 'prefix/bin/dcdget'), ['apps', '--json'], { env, cwd: home });
  deepStrictEqual([JSON.parse(stdout), stderr], [[], '']);
  strictEqual(api.seen[0]?.headers.authorization, 'Bearer token');

  const installed = join(folder, 'prefix/lib/node_modules/dcdget');
  doesNotMatch(readFileSync(join(installed, 'dist/main.js'), 'utf8'), new RegExp(resolve(import.meta.dirname, '..')));
  match(readFileSync(join(installed, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8'), /^@oclif\/core 5\.[^]*^tar 7\./m);
});
