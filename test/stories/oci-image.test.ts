import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { run } from '../../embedded/commands.ts';
import { waitFor } from '../../embedded/deadlines.ts';
import { findGo } from '../../embedded/go.ts';
import { dcdget, dcdgetJson, type Ran } from '../rig/command-line.ts';
import { listing, onServer } from '../rig/machine.ts';
import { layerOf, layoutOf, savedOf, type ImageOf } from '../rig/oci-image.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { visit } from '../rig/visitor.ts';

const APP = 'imaged';
const GO_TIMEOUT_MS = 120_000;
const HELLO = join(import.meta.dirname, '../../examples/hello-go');

let rig: Rig;
let folder: string;
let program: Buffer;

before(async () => {
  rig = await useRig('oci-image');
  folder = mkdtempSync(join(tmpdir(), 'dcdget-image-'));
  program = await compiled();
  await dcdgetJson(rig, 'apps:create', APP);
});
after(async () => {
  await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  rmSync(folder, { recursive: true, force: true });
  await rig.stop();
});

/** A static program: it needs nothing else of the image, not even a shell. */
async function compiled(): Promise<Buffer> {
  const go = await findGo(join(process.env['DCDGET_HOME'] || join(homedir(), '.dcdget'), 'cache'));
  const file = join(folder, 'hello');
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-trimpath' };
  await run({ command: go, args: ['build', '-o', file, '.'], cwd: HELLO, env, timeoutMs: GO_TIMEOUT_MS });
  return readFileSync(file);
}

function hello(): ImageOf {
  const config = { Entrypoint: ['hello'], Env: ['PATH=/opt/hello', 'NAME=an image'], WorkingDir: '/work' };
  return {
    config,
    layers: [
      layerOf(
        { name: 'opt/hello/hello', content: program, mode: '0004755' },
        { name: 'proc', type: '2', link: '/etc' },
        { name: 'secret', content: 'gone' },
      ),
      layerOf({ name: '.wh.secret' }),
    ],
  };
}

function deploy(image: Buffer, ...words: string[]): Promise<Ran> {
  const file = join(folder, 'image.tar');
  writeFileSync(file, image);
  return dcdget(rig, 'deploy', '--image', file, '--app', APP, ...words);
}

async function instanceFolder(): Promise<string> {
  return (await onServer(rig, 'server1', `readlink -f /srv/dcdget/apps/${APP}/web.1`)).trim();
}

test('an image without a shell goes live, with what its config says', async () => {
  const { exitCode, stdout, stderr } = await deploy(layoutOf({ ...hello(), compress: 'gzip' }));
  assert.equal(exitCode, 0, stdout + stderr);
  assert.match(stdout, /2 layers, each with the sha256 that the image names/);
  assert.match(stdout, /The image starts web -> hello/);
  assert.deepEqual(await visit(rig, APP), { status: 200, body: 'Hello from Go, an image!\n' });
});

test('its file system is that of its layers alone, and no file of it has more rights than the app', async () => {
  const state = `${await instanceFolder()}/state/state.json`;
  const { pid } = JSON.parse(await onServer(rig, 'server1', `cat ${state}`)) as { pid: number };
  assert.ok(pid > 0);
  const init = `$(lxc-info -P /srv/dcdget/instances -n $(basename ${await instanceFolder()}) -pH)`;
  const names = await onServer(rig, 'server1', `ls /proc/${init}/root | tr '\\n' ' '`);
  assert.equal(names.trim(), 'app dev etc opt proc shared sys tmp work');
  assert.equal(await onServer(rig, 'server1', 'find /srv/dcdget/slugs -perm /7000'), '');
});

test('the same image is not read again, and a config var goes before the image', async () => {
  const again = await deploy(layoutOf({ ...hello(), compress: 'gzip' }));
  assert.equal(again.exitCode, 0, again.stdout + again.stderr);
  assert.match(again.stdout, /– +3 compileSlug +skipped +the same source was compiled before/);
  await dcdgetJson(rig, 'config:set', 'NAME=a config var', '--app', APP);
  assert.equal((await visit(rig, APP)).body, 'Hello from Go, a config var!\n');
});

test('what docker save wrote goes live, too', async () => {
  const { exitCode, stdout, stderr } = await deploy(savedOf(hello()));
  assert.equal(exitCode, 0, stdout + stderr);
  assert.equal((await visit(rig, APP)).status, 200);
});

test('a session in an image without a shell is told so, and nothing runs', async () => {
  const ran = await dcdget(rig, 'run', '--app', APP, 'true');
  assert.deepEqual([ran.exitCode, ran.stdout], [126, '']);
  assert.match(ran.stderr, /run\.\d{4}: cannot start the command in \/work .*neither \/bin\/bash nor \/bin\/sh/);
});

test('a session in an image that has sh alone runs in it, in the folder of the image', async () => {
  const image = hello();
  const { exitCode, stdout, stderr } = await deploy(layoutOf({ ...image, layers: [...image.layers, await shell()] }));
  assert.equal(exitCode, 0, stdout + stderr);
  const ran = await dcdget(rig, 'run', '--app', APP, 'echo "$PWD $NAME ${BASH_VERSION-no bash}"; exit 3');
  assert.deepEqual([ran.exitCode, ran.stdout], [3, '/work a config var no bash\n'], ran.stderr);
  await waitFor({ awaited: 'the sessions to be gone', timeoutMs: 10_000, intervalMs: 200 }, async () =>
    (await rig.api.dynos(APP)).some(({ type }) => type === 'run') ? null : true,
  );
});

/** This machine's dash as /bin/sh, with the libraries that it needs. */
async function shell(): Promise<Buffer> {
  const needed = await run({ command: 'ldd', args: ['/bin/dash'], timeoutMs: 10_000 });
  const libraries = [...needed.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
  assert.ok(libraries.length > 0, needed);
  const file = (from: string, to = from) => ({ name: to.slice(1), content: readFileSync(from), mode: '0000755' });
  return layerOf(file('/bin/dash', '/bin/sh'), ...libraries.map((path) => file(path)));
}

const HOSTILE: [title: string, image: () => Buffer, sentence: RegExp][] = [
  ['a path that leads out', () => layoutOf({ ...hello(), layers: [layerOf({ name: '../../x' })] }), /leads out/],
  [
    'a file through a link',
    () => layoutOf({ ...hello(), layers: [layerOf({ name: 'a', type: '2', link: '/' }), layerOf({ name: 'a/x' })] }),
    /leads through/,
  ],
  ['a device', () => layoutOf({ ...hello(), layers: [layerOf({ name: 'sda', type: '4' })] }), /neither a file/],
  [
    'a layer that is another one',
    () =>
      layoutOf(hello(), (files) => {
        for (const path of [...files.keys()].filter((name) => name.startsWith('blobs')).slice(0, 1))
          files.set(path, Buffer.from('x'));
      }),
    /not what its digest says/,
  ],
  ['no image at all', () => layerOf({ name: 'x' }), /neither an OCI image layout/],
];

test('a hostile image fails its own deploy with the reason, and what served goes on', async () => {
  const serving = await listing(rig);
  for (const [title, image, sentence] of HOSTILE) {
    const { exitCode, stdout, stderr } = await deploy(image());
    assert.equal(exitCode, 1, title);
    assert.match(stdout + stderr, sentence, title);
  }
  assert.deepEqual(await listing(rig), serving);
  assert.equal((await visit(rig, APP)).status, 200);
});

test('a folder and an image together, or a file that is not there, are refused before anything is sent', async () => {
  const both = await dcdget(rig, 'deploy', HELLO, '--image', 'x.tar', '--app', APP);
  assert.deepEqual([both.exitCode, /not both/.test(both.stderr)], [2, true]);
  const none = await dcdget(rig, 'deploy', '--image', join(folder, 'none.tar'), '--app', APP);
  assert.deepEqual([none.exitCode, /is not a file/.test(none.stderr)], [2, true]);
});
