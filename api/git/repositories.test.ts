import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createRepositories } from './repositories.ts';

const UNTOUCHED = { appId: 'a', chosen: null, head: null, push: null };
const NO_OBJECTS = { read: async () => null };

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-repositories-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function opensIn(folder: string): Promise<void> {
  const repositories = createRepositories({ folder, cacheMb: 1, pushMb: 1 }, NO_OBJECTS);
  const repository = await repositories.open(UNTOUCHED, AbortSignal.timeout(10_000));
  assert.ok(statSync(join(repository.path, 'HEAD')).isFile());
  await repository.remove();
  await repositories.close();
}

test('a folder that others may write is closed to them', async (t) => {
  const folder = folderFor(t);
  chmodSync(folder, 0o775);
  await opensIn(folder);
  assert.equal(statSync(folder).mode & 0o777, 0o755);
});

test('a folder that is not there is made for its owner alone', async (t) => {
  const folder = join(folderFor(t), 'git');
  await opensIn(folder);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
});

test('a folder of somebody else is refused', { skip: process.getuid?.() !== 0 && 'only root makes one' }, async (t) => {
  const folder = folderFor(t);
  const theirs = join(folder, 'theirs');
  mkdirSync(theirs);
  chownSync(theirs, 1234, 1234);
  await assert.rejects(opensIn(theirs), /belongs to somebody else/);
  const link = join(folder, 'link');
  symlinkSync(theirs, link);
  await assert.rejects(opensIn(link), /belongs to somebody else/);
});
