import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { waitFor } from '../../embedded/deadlines.ts';
import { dcdget, dcdgetJson, type Ran } from '../rig/command-line.ts';
import { listingAtRest, onServer } from '../rig/machine.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { copyExample, type SourceTree } from '../rig/source-tree.ts';

const APP = 'sessions';
const DCDGET = join(import.meta.dirname, '../../bin/dcdget');
const LARGE_BYTES = 100 * 1024 * 1024;

let rig: Rig;
let source: SourceTree;
let untouched: string[];

before(async () => {
  rig = await useRig('run');
  source = copyExample('hello-node');
  assert.equal((await dcdget(rig, 'apps:create', APP)).exitCode, 0);
  await dcdget(rig, 'config:set', 'GREETING=ahoy', '--app', APP);
  const deployed = await dcdget(rig, 'deploy', source.folder, '--app', APP);
  assert.equal(deployed.exitCode, 0, deployed.stdout + deployed.stderr);
  untouched = await listingAtRest(rig);
});
after(async () => {
  await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  source.remove();
  await rig.stop();
});

/** `dcdget run` with pipes for stdin, stdout and stderr. */
async function run(
  words: string[],
  input: Buffer = Buffer.alloc(0),
): Promise<{ exitCode: number; out: Buffer; errors: string }> {
  const env = { ...process.env, ...rig.client, NO_COLOR: '1' };
  const child = spawn(DCDGET, ['run', '--app', APP, ...words], { env, timeout: 60_000 });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const closed = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  const [out, errors, exitCode] = await Promise.all([buffer(child.stdout), buffer(child.stderr), closed]);
  return { exitCode, out, errors: errors.toString() };
}

type Dyno = { id: string; name: string; type: string; state: string };

async function sessions(): Promise<Dyno[]> {
  const { dynos } = await dcdgetJson<{ dynos: Dyno[] }>(rig, 'ps', '--app', APP);
  return dynos.filter(({ type }) => type === 'run');
}

async function nothingLeft(): Promise<void> {
  const awaited = { awaited: 'the sessions to be gone from the record', timeoutMs: 20_000, intervalMs: 200 };
  await waitFor(awaited, async () => ((await sessions()).length === 0 ? true : null));
  assert.deepEqual(await listingAtRest(rig), untouched);
}

test('a command runs with code, config and name of the app, and its words, errors and exit code come back', async () => {
  const ran = await run(['-e', 'MINE=1', 'echo "$GREETING $MINE $DYNO $PWD"; ls package.json; echo oops >&2; exit 7']);
  assert.match(ran.out.toString(), /^ahoy 1 run\.\d{4} \/app\npackage\.json\n$/);
  assert.match(ran.errors, /oops/);
  assert.equal(ran.exitCode, 7, ran.errors);
});

test('several words are a program and its arguments, as they are', async () => {
  const ran = await run(['--', 'printf', '%s|', 'a b', '$HOME', "it's"]);
  assert.equal(ran.out.toString(), "a b|$HOME|it's|");
  assert.equal(ran.exitCode, 0, ran.errors);
});

test('100 MiB go through as they are', async () => {
  const bytes = randomBytes(LARGE_BYTES);
  const ran = await run(['cat'], bytes);
  assert.equal(ran.exitCode, 0, ran.errors);
  assert.ok(ran.out.equals(bytes), `${ran.out.length} bytes of ${bytes.length} came back, or others`);
});

test('a session that has ended leaves nothing on the server', nothingLeft);

test('a detached session is in ps, and ps:stop ends it', async () => {
  const begun = await dcdget(rig, 'run', '--app', APP, '--detach', 'echo begun; sleep 600');
  assert.equal(begun.exitCode, 0, begun.stderr);
  const [session] = await sessions();
  assert.match(session?.name ?? '', /^run\.\d{4}$/);
  const awaited = { awaited: 'the session to be up', timeoutMs: 10_000, intervalMs: 100 };
  await waitFor(awaited, async () => ((await sessions())[0]?.state === 'up' ? true : null));
  assert.equal((await dcdget(rig, 'ps:stop', String(session?.name), '--app', APP)).exitCode, 0);
  await nothingLeft();
});

test('a deploy goes on beside a session, and leaves it alone', async () => {
  const sleeping = run(['sleep 2; echo done']);
  const awaited = { awaited: 'the session to be up', timeoutMs: 10_000, intervalMs: 100 };
  await waitFor(awaited, async () => ((await sessions())[0]?.state === 'up' ? true : null));
  const restarted = await dcdget(rig, 'ps:restart', '--app', APP);
  assert.equal(restarted.exitCode, 0, restarted.stdout + restarted.stderr);
  assert.equal((await sleeping).out.toString(), 'done\n');
  untouched = await listingAtRest(rig);
});

test('a session whose client was killed is gone within ten seconds', async () => {
  const env = { ...process.env, ...rig.client };
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../../cli/bin.ts'), 'run', '--app', APP, 'echo up; sleep 600'],
    { env },
  );
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  const awaited = { awaited: 'the session to be hung up', timeoutMs: 10_000, intervalMs: 200 };
  await waitFor(awaited, async () => ((await sessions()).length === 0 ? true : null));
});

test('a session is not begun for what is not asked for in order', async () => {
  const refused: [string[], RegExp][] = [
    [['-e', 'PORT=1', 'true'], /PORT/],
    [['--size', 'huge', 'true'], /size/],
    [['-e', 'novalue', 'true'], /KEY=VALUE/],
  ];
  for (const [words, sentence] of refused) {
    const ran = await run(words);
    assert.notEqual(ran.exitCode, 0);
    assert.match(ran.errors, sentence);
  }
  assert.deepEqual(await sessions(), []);
  for (const name of ['web.1', 'web']) {
    const stopped: Ran = await dcdget(rig, 'ps:stop', name, '--app', APP);
    assert.match(stopped.stderr, new RegExp(`${name} is part of the formation`));
  }
});

test('a killed worker leaves no session behind, and none would start at a boot', async () => {
  assert.equal((await dcdget(rig, 'run', '--app', APP, '--detach', 'sleep 600')).exitCode, 0);
  await rig.killWorker();
  await rig.restartWorker();
  const awaited = { awaited: 'the session to be up', timeoutMs: 20_000, intervalMs: 200 };
  const session = await waitFor(awaited, async () => {
    const [first] = await sessions();
    return first?.state === 'up' ? first : null;
  });
  const boots = await onServer(rig, 'server1', 'ls /etc/systemd/system/dcdget.target.wants');
  assert.ok(!boots.includes('run.'), boots);
  assert.match(session.name, /^run\.\d{4}$/);
  assert.equal((await dcdget(rig, 'ps:stop', 'run', '--app', APP)).exitCode, 0);
  await nothingLeft();
});
