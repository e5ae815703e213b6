import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { list, type ReadEntry } from 'tar';
import { listFiles, packFolder } from './archive.ts';

function folderWith(t: TestContext, files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-archive-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

async function entriesOf(file: string): Promise<ReadEntry[]> {
  const entries: ReadEntry[] = [];
  await list({ file, onReadEntry: (entry) => entries.push(entry) });
  return entries;
}

test('the archive holds the working tree without .git and node_modules at any depth', async (t) => {
  const folder = folderWith(t, {
    Procfile: 'web: node index.js',
    'src/index.js': '',
    '@odd name': '',
    '.git/config': '',
    'node_modules/x/index.js': '',
    'packages/a/node_modules/y/index.js': '',
    'packages/a/package.json': '',
  });
  using archive = await packFolder(folder);
  const paths = (await entriesOf(archive.file)).map(({ path }) => path);
  deepStrictEqual(paths.toSorted(), ['./@odd name', './Procfile', './packages/a/package.json', './src/index.js']);
  strictEqual(archive.fileCount, 4);
  ok(archive.bytes > 0);
});

test('.gitignore files are honoured, the deeper one winning, and dotfiles are kept', async (t) => {
  const folder = folderWith(t, {
    '.gitignore': '*.log\n/build\n!keep.log\n',
    '.profile.d/x.sh': '',
    'keep.log': '',
    'a.log': '',
    'build/out': '',
    'src/build/out': '',
    'src/.gitignore': '!b.log\n/secret\n',
    'src/b.log': '',
    'src/secret': '',
    secret: '',
  });
  deepStrictEqual(await listFiles(folder), [
    '.gitignore',
    '.profile.d/x.sh',
    'keep.log',
    'secret',
    'src/.gitignore',
    'src/b.log',
    'src/build/out',
  ]);
});

test('.slugignore leaves out more, and no .gitignore takes it back', async (t) => {
  const folder = folderWith(t, {
    '.slugignore': 'docs\n*.psd\n',
    '.gitignore': '!art.psd\n',
    'docs/a.md': '',
    'art.psd': '',
    'index.js': '',
  });
  deepStrictEqual(await listFiles(folder), ['.gitignore', '.slugignore', 'index.js']);
});

test('the same content makes the same bytes, whenever and by whom it was written', async (t) => {
  const files = { 'a/b': 'one', c: 'two' };
  const [first, second] = [folderWith(t, files), folderWith(t, files)];
  utimesSync(join(second, 'c'), new Date(1), new Date(1));
  using one = await packFolder(first);
  using two = await packFolder(second);
  strictEqual(digestOf(one.file), digestOf(two.file));
});

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

test('executable files stay executable and links inside stay links', async (t) => {
  const folder = folderWith(t, { 'bin/run': '#!/bin/sh' });
  chmodSync(join(folder, 'bin/run'), 0o755);
  symlinkSync('bin/run', join(folder, 'start'));
  using archive = await packFolder(folder);
  const [run, start] = await entriesOf(archive.file);
  strictEqual((run?.mode ?? 0) & 0o111, 0o111);
  deepStrictEqual([start?.type, start?.linkpath], ['SymbolicLink', 'bin/run']);
});

test('a link that leaves the folder is refused by name', async (t) => {
  for (const target of ['/etc/passwd', '../outside', 'sub/../../x']) {
    const folder = folderWith(t, { a: '' });
    symlinkSync(target, join(folder, 'link'));
    await rejects(packFolder(folder), /^CliError: link is a symbolic link to .*outside/);
  }
});

test('an empty folder and a file in place of a folder are refused', async (t) => {
  const folder = folderWith(t, { 'node_modules/x': '' });
  await rejects(packFolder(folder), /nothing to deploy/);
  await rejects(packFolder(join(folder, 'node_modules/x')), /is not a folder/);
  await rejects(packFolder(join(folder, 'absent')), /is not a folder/);
});

test('the archive file is gone after its use', async (t) => {
  const archive = await packFolder(folderWith(t, { a: '' }));
  archive[Symbol.dispose]();
  ok(!existsSync(dirname(archive.file)));
});
