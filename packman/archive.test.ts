import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, linkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { inspectArchive } from './archive.ts';

const folder = mkdtempSync(join(tmpdir(), 'dcdget-archive-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const LIMITS = { maxEntries: 1000, maxBytes: 20_000_000, maxRatio: 100, ratioCountsFromBytes: 5_000_000 };

type Entry = { name: string; type?: string; link?: string; content?: string | Buffer };

/** A tar of just these entries, so that what no tar program writes can be tried. */
function tarOf(...entries: Entry[]): Buffer {
  return Buffer.concat([
    ...entries.flatMap(({ content = '', ...entry }) => blocksOf(entry, Buffer.from(content))),
    Buffer.alloc(1024),
  ]);
}

function blocksOf({ name, type = '0', link = '' }: Entry, content: Buffer): Buffer[] {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(link, 157, 100);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

async function inspect(tar: Buffer, limits: Partial<typeof LIMITS> = {}): ReturnType<typeof inspectArchive> {
  const file = join(folder, 'archive.tar.gz');
  writeFileSync(file, gzipSync(tar));
  return inspectArchive(file, { ...LIMITS, ...limits });
}

function refused(title: string, why: RegExp, tar: () => Buffer, limits: Partial<typeof LIMITS> = {}): void {
  test(`an archive ${title} is refused with the reason`, async () => {
    await assert.rejects(
      () => inspect(tar(), limits),
      (error: Error & { code?: string }) => error.code === 'source_invalid' && why.test(error.message),
    );
  });
}

for (const format of ['gnu', 'posix', 'ustar', 'v7']) {
  test(`an ordinary archive of tar's ${format} format passes, with long names, links and odd characters`, async () => {
    const app = mkdtempSync(join(folder, 'app-'));
    const deep = join(
      app,
      ...(format === 'v7' ? ['a'] : Array.from({ length: 4 }, (_, n) => `${n}-long-folder-name`.repeat(2))),
    );
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(deep, 'ünïcode name.txt'), 'x'.repeat(1000));
    writeFileSync(join(app, 'server.js'), '');
    symlinkSync('server.js', join(app, 'link'));
    symlinkSync('/app/server.js', join(app, 'absolute'));
    linkSync(join(app, 'server.js'), join(app, 'hard'));
    if (format === 'gnu' || format === 'posix') writeFileSync(join(deep, 'n'.repeat(200)), 'long');
    const file = join(folder, 'ordinary.tar.gz');
    execFileSync('tar', [`--format=${format}`, '-czf', file, '-C', app, '.']);
    const { entries } = await inspectArchive(file, LIMITS);
    assert.ok(entries >= 6);
  });
}

test('a file of many chunks is skipped, not read as headers', async () => {
  const { entries } = await inspect(tarOf({ name: 'big', content: Buffer.alloc(3_000_001, 'A') }, { name: 'after' }));
  assert.equal(entries, 2);
});

test('a name that was a link and is a file later may have entries below it no more, but beside it', async () => {
  const { entries } = await inspect(tarOf({ name: 'a', type: '2', link: 'b' }, { name: 'ab/c' }, { name: 'a' }));
  assert.equal(entries, 3);
});

refused('with an absolute path', /"\/etc\/passwd" is an absolute path/, () => tarOf({ name: '/etc/passwd' }));
refused('with .. in a path', /leads out of the archive/, () => tarOf({ name: 'a/../../b' }));
refused('with an absolute path in an extended header', /absolute path/, () =>
  tarOf({ name: 'pax', type: 'x', content: paxRecord('path', '/etc/passwd') }, { name: 'harmless' }),
);
refused('with .. in a GNU long name', /leads out/, () =>
  tarOf({ name: '././@LongLink', type: 'L', content: '../x\0' }, { name: 'harmless' }),
);
refused('that writes through a symbolic link', /"up\/passwd" leads through a symbolic link/, () =>
  tarOf({ name: 'up', type: '2', link: '/etc' }, { name: './up/passwd' }),
);
refused('with a hard link out of it', /absolute path/, () => tarOf({ name: 'a', type: '1', link: '/etc/shadow' }));
refused('with a hard link through a symbolic link', /symbolic link/, () =>
  tarOf({ name: 'up', type: '2', link: '/etc' }, { name: 'a', type: '1', link: 'up/shadow' }),
);
refused('with a device', /neither a file, a folder nor a link/, () => tarOf({ name: 'null', type: '3' }));
refused('with a pipe', /neither a file, a folder nor a link/, () => tarOf({ name: 'pipe', type: '6' }));
refused('with a sparse file', /sparse/, () =>
  tarOf({ name: 'pax', type: 'x', content: paxRecord('GNU.sparse.realsize', '99999999999') }, { name: 'sparse' }),
);
refused(
  'with too many entries',
  /more than 10 entries/,
  () => tarOf(...Array.from({ length: 11 }, (_, n) => ({ name: `${n}` }))),
  {
    maxEntries: 10,
  },
);
refused('that is too large unpacked', /more than 1 MB/, () => tarOf({ name: 'a', content: Buffer.alloc(2_000_000) }), {
  maxBytes: 1024 * 1024,
});
refused('that unpacks to hundreds of times its size', /more than 100 times/, () =>
  tarOf({ name: 'zeros', content: Buffer.alloc(10_000_000) }),
);
refused('with a header that claims a huge extended header', /oversized/, () => {
  const tar = tarOf({ name: 'pax', type: 'x', content: '' });
  tar.write('77777777777\0', 124);
  tar.write(' '.repeat(8), 148);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return tar;
});
refused('without any file', /holds no files/, () => Buffer.alloc(1024));
refused('that is cut', /middle of an entry/, () => tarOf({ name: 'a', content: Buffer.alloc(5000) }).subarray(0, 2048));
refused('that is not a tar archive', /not a tar archive/, () => Buffer.alloc(2048, 'hello'));

test('bytes that are not gzip are refused as a source', async () => {
  const file = join(folder, 'plain');
  writeFileSync(file, 'PK\x03\x04');
  await assert.rejects(() => inspectArchive(file, LIMITS), { code: 'source_invalid' });
});

test('a gzip stream that is cut is refused as a source', async () => {
  const file = join(folder, 'cut');
  const whole = gzipSync(tarOf({ name: 'a', content: 'x'.repeat(10_000) }));
  writeFileSync(file, whole.subarray(0, whole.length - 10));
  await assert.rejects(() => inspectArchive(file, LIMITS), { code: 'source_invalid' });
});
