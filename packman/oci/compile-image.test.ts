import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Entry } from '../../test/rig/hostile-archive.ts';
import { layerOf, layoutOf, savedOf, sha256, type ImageOf } from '../../test/rig/oci-image.ts';
import { BuildLog } from '../build-log.ts';
import { compileImage, type CompiledImage } from './compile-image.ts';

const scratch = mkdtempSync(join(tmpdir(), 'dcdget-oci-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const LIMITS = { slugMb: 64, diskMb: 64, timeoutMs: 60_000 };
const START = { Cmd: ['/bin/serve'] };

/** Compiles what a storage gives, and unpacks the slug as a server does: what links lead to is not followed. */
async function compile(
  image: Buffer,
): Promise<CompiledImage & { log: string; tree: string[]; read: (path: string) => string }> {
  const folder = mkdtempSync(join(scratch, 'build-'));
  const storage = createServer((_, response) => response.end(image));
  await once(storage.listen(0, '127.0.0.1'), 'listening');
  let log = '';
  try {
    const url = `http://127.0.0.1:${(storage.address() as AddressInfo).port}/`;
    const buildLog = new BuildLog((text) => void (log += text), 1 << 20);
    const made = await compileImage(
      { url, sha256: sha256(image) },
      folder,
      LIMITS,
      buildLog,
      new AbortController().signal,
    );
    const unpacked = mkdtempSync(join(scratch, 'slug-'));
    execFileSync('tar', ['--zstd', '-xf', made.slugFile, '-C', unpacked, '--no-same-owner']);
    const tree = execFileSync('find', ['.', '-mindepth', '2', '-printf', '%y %m %P %l\n'], {
      cwd: unpacked,
      encoding: 'utf8',
    });
    const read = (path: string) => readFileSync(join(unpacked, 'app', path), 'utf8');
    return {
      ...made,
      log,
      tree: tree
        .trim()
        .split('\n')
        .map((line) => line.trim())
        .toSorted(),
      read,
    };
  } finally {
    storage.close();
    assert.deepEqual(
      readdirSync(folder).filter((name) => !/^(image|blob\.\d+|slug\.tar\.zst)$/.test(name)),
      [],
    );
  }
}

const file = (name: string, content = name, more: Partial<Entry> = {}): Entry => ({ name, content, ...more });
const folderEntry = (name: string, mode = '0000755'): Entry => ({ name: `${name}/`, type: '5', mode });
const link = (name: string, to: string): Entry => ({ name, type: '2', link: to });
const hard = (name: string, to: string): Entry => ({ name, type: '1', link: to });

const image = (...layers: Entry[][]): ImageOf => ({
  layers: layers.map((entries) => layerOf(...entries)),
  config: START,
});

for (const [title, make] of [
  ['an OCI layout', (of: ImageOf) => layoutOf(of)],
  ['an OCI layout of gzip layers', (of: ImageOf) => layoutOf({ ...of, compress: 'gzip' })],
  ['an OCI layout of zstd layers', (of: ImageOf) => layoutOf({ ...of, compress: 'zstd' })],
  ['an OCI layout that is compressed whole', (of: ImageOf) => gzipSync(layoutOf(of))],
  ['what docker save wrote', (of: ImageOf) => savedOf(of)],
] as const) {
  test(`${title} becomes a slug of what its layers make together`, async () => {
    const made = await compile(
      make(
        image(
          [
            folderEntry('bin'),
            file('bin/serve', 'old', { mode: '0000755' }),
            file('etc/gone'),
            file('keep/a'),
            file('keep/b'),
          ],
          [
            file('bin/serve', 'new', { mode: '0004755' }),
            file('etc/.wh.gone', ''),
            file('keep/.wh..wh..opq', ''),
            file('keep/c'),
            link('sh', 'bin/serve'),
          ],
        ),
      ),
    );
    assert.equal(made.read('bin/serve'), 'new');
    const own = /^[dfl] \d+ (bin|keep|sh)\b/;
    assert.deepEqual(
      made.tree.map((line) => line.replace(' app/', ' ')).filter((line) => own.test(line)),
      ['d 755 bin', 'd 755 keep', 'f 644 keep/c', 'f 755 bin/serve', 'l 777 sh bin/serve'],
    );
    assert.doesNotMatch(made.tree.join('\n'), /gone/);
    assert.deepEqual(made.program, { words: ['/bin/serve'], directory: '/' });
  });
}

test('a layer that takes a folder away and brings it again has only what it brings', async () => {
  const made = await compile(
    layoutOf(
      image([file('a/old'), file('b')], [file('.wh.a', ''), file('a/new'), file('.wh.b', ''), folderEntry('b')]),
    ),
  );
  assert.deepEqual(
    made.tree.filter((line) => /app\/[ab]($|\/)/.test(line)),
    ['d 755 app/a', 'd 755 app/b', 'f 644 app/a/new'],
  );
});

test('hard links stay one file, also where the first name is gone', async () => {
  const made = await compile(
    layoutOf(image([file('one', 'text'), hard('two', 'one'), hard('three', 'one')], [file('.wh.one', '')])),
  );
  assert.equal(made.read('two') + made.read('three'), 'texttext');
  assert.doesNotMatch(made.tree.join('\n'), /app\/one/);
});

test('what is mounted into a container has a place of ours, whatever the image has there', async () => {
  const made = await compile(
    layoutOf(
      image([
        link('proc', '/etc'),
        link('dev', '..'),
        file('.dcdget/ps-dock', 'evil'),
        link('shared', '/'),
        link('etc/resolv.conf', '../../../etc/shadow'),
      ]),
    ),
  );
  const ours = made.tree.filter((line) => /app\/(proc|dev|sys|shared|\.dcdget|etc\/)/.test(line));
  assert.deepEqual(ours, [
    'd 755 app/dev',
    'd 755 app/proc',
    'd 755 app/shared',
    'd 755 app/sys',
    'f 644 app/etc/hosts',
    'f 644 app/etc/resolv.conf',
  ]);
});

test('the image says what is started, where, and the defaults of the environment', async () => {
  const config = {
    Entrypoint: ['/entry point'],
    Cmd: ['--say', 'a\nb'],
    WorkingDir: '/srv/work',
    Env: ['PATH=/opt/bin:/bin', 'GREETING=a=b', 'PORT=80', 'DCDGET_APP=x', 'LD_PRELOAD=/x'],
    User: 'nobody',
    ExposedPorts: { '8080/tcp': {} },
  };
  const made = await compile(layoutOf({ ...image([file('x')]), config }));
  assert.deepEqual(made.program, { words: ['/entry point', '--say', 'a\nb'], directory: '/srv/work' });
  assert.equal(made.command, '"/entry point" --say "a\\nb"');
  assert.deepEqual(made.configDefaults, { PATH: '/opt/bin:/bin', GREETING: 'a=b' });
  assert.match(made.log, /PORT, DCDGET_APP, LD_PRELOAD/);
  assert.match(made.log, /user "nobody" is not heeded/);
  assert.match(made.log, /exposes "8080\/tcp"/);
  assert.ok(made.tree.includes('d 755 app/srv/work'));
});

test('the same image gives the same slug', async () => {
  const of = layoutOf(image([file('b'), file('a'), file('c/d')]));
  const [one, two] = [await compile(of), await compile(of)];
  assert.deepEqual(readFileSync(one.slugFile), readFileSync(two.slugFile));
});

test('names that are long or not of this alphabet arrive whole', async () => {
  const long = `${'d/'.repeat(60)}${'ü'.repeat(60)}`;
  const made = await compile(
    layoutOf(image([{ name: '././@LongLink', type: 'L', content: `${long}\0` }, file('short', 'text')])),
  );
  assert.equal(made.read(long), 'text');
});

const REFUSED: [title: string, why: RegExp, archive: () => Buffer][] = [
  ['a path that leads out', /leads out/, () => layoutOf(image([file('a/../../etc/x')]))],
  ['an absolute path', /absolute path/, () => layoutOf(image([file('/etc/x')]))],
  ['a file behind a symbolic link', /leads through/, () => layoutOf(image([link('a', '/etc'), file('a/x')]))],
  ['a file behind a link of a lower layer', /leads through/, () => layoutOf(image([link('a', '/etc')], [file('a/x')]))],
  ['a hard link that leads out', /leads out/, () => layoutOf(image([hard('x', '../etc/shadow')]))],
  ['a hard link to what is not there', /does not hold/, () => layoutOf(image([hard('x', 'etc/shadow')]))],
  ['a hard link to a lower layer', /does not hold/, () => layoutOf(image([file('a')], [hard('x', 'a')]))],
  [
    'a hard link through a symbolic link',
    /does not hold/,
    () => layoutOf(image([link('a', '/etc'), hard('x', 'a/shadow')])),
  ],
  ['a device', /neither a file/, () => layoutOf(image([{ name: 'sda', type: '4' }]))],
  ['a whiteout of overlayfs', /neither a file/, () => layoutOf(image([{ name: 'x', type: '3' }]))],
  ['a pipe', /neither a file/, () => layoutOf(image([{ name: 'x', type: '6' }]))],
  ['a whiteout of the folder above', /whiteout of nothing/, () => layoutOf(image([file('a/.wh...', '')]))],
  ['a whiteout without a name', /whiteout of nothing/, () => layoutOf(image([file('a/.wh.', '')]))],
  ['a whiteout that is a link', /not a file/, () => layoutOf(image([link('.wh.a', '/')]))],
  ['a whiteout that leads out', /leads out/, () => layoutOf(image([file('../.wh.a', '')]))],
  ['etc that is a link', /etc is not a folder/, () => layoutOf(image([link('etc', 'proc')]))],
  ['a layer that is another one', /not what its digest says/, () => layoutOf(image([file('a')]), swap('blobs'))],
  [
    'a layer that its config does not name',
    /image's config/,
    () => savedOf(image([file('a')]), (files) => files.set('layer0/layer.tar', layerOf(file('b')))),
  ],
  [
    'a bomb',
    /more than an app may hold/,
    () => layoutOf({ layers: [Buffer.alloc(80 * 1024 * 1024)], config: START, compress: 'gzip' }),
  ],
  ['another machine', /it is for linux on vax/, () => layoutOf({ ...image([file('a')]), architecture: 'vax' })],
  ['nothing to start', /neither an entrypoint/, () => layoutOf({ ...image([file('a')]), config: {} })],
  [
    'a config that is no config',
    /config is wrong/,
    () => layoutOf({ ...image([file('a')]), config: { Cmd: 'x' as unknown as string[] } }),
  ],
  ['no image in it', /neither an OCI/, () => layerOf(file('a'))],
  ['a link among its blobs', /neither a file nor a folder/, () => layerOf(link('index.json', '/etc/shadow'))],
  ['bytes that are no tar', /not a tar archive/, () => Buffer.alloc(2048, 'x')],
  [
    'a cut layer',
    /middle of an entry/,
    () => layoutOf({ layers: [layerOf(file('a', 'x'.repeat(2000))).subarray(0, 1024)], config: START }),
  ],
];

for (const [title, why, archive] of REFUSED) {
  test(`an image with ${title} is refused with the reason`, async () => {
    await assert.rejects(
      () => compile(archive()),
      (error: Error & { code?: string }) =>
        /source_invalid|build_failed/.test(error.code ?? '') && why.test(error.message),
    );
  });
}

/** The first blob becomes another one under the same name. */
function swap(prefix: string): (files: Map<string, Buffer>) => void {
  return (files) => {
    const name = [...files.keys()].find((path) => path.startsWith(prefix)) ?? '';
    const content = Buffer.from(files.get(name) ?? '');
    content[0] = (content[0] ?? 0) ^ 1;
    files.set(name, content);
  };
}
