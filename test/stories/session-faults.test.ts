// What happens to one-off sessions when the network, the rendezvous or the server goes, and when their app does.
import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStreams } from '../../embedded/control-plane.ts';
import { waitFor } from '../../embedded/deadlines.ts';
import { killProcess } from '../../embedded/processes.ts';
import { rebootServer } from '../../embedded/server-faults.ts';
import { listServers } from '../../embedded/server.ts';
import { dcdget, dcdgetJson } from '../rig/command-line.ts';
import { farNetwork, type FarNetwork } from '../rig/far-network.ts';
import { listingAtRest, onServer } from '../rig/machine.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { copyExample, type SourceTree } from '../rig/source-tree.ts';

const APP = 'interrupted';
const CLI = join(import.meta.dirname, '../../cli/bin.ts');
const ENDED_MS = 30_000;
const PIECE_BYTES = 32 * 1024;

let rig: Rig;
let source: SourceTree;
let far: FarNetwork;
let others: string[];

before(async () => {
  rig = await useRig('session-faults');
  others = await ownLines();
  far = await farNetwork(rig);
  source = copyExample('hello-node');
  source.write('marker', 'first\n');
  await dcdgetJson(rig, 'apps:create', APP);
  await deploy();
});
after(async () => {
  await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  await far.remove();
  source.remove();
  await rig.stop();
});

type Client = {
  child: ChildProcessWithoutNullStreams;
  errors: Promise<string>;
  exitCode: Promise<number>;
};

/** `dcdget run` on a laptop elsewhere. */
function runFar(...words: string[]): Client {
  const [program = '', ...args] = [...far.prefix, process.execPath, CLI, 'run', '--app', APP, ...words];
  const env = { ...process.env, ...far.client, NO_COLOR: '1' };
  const child = spawn(program, args, { env, timeout: 60_000, killSignal: 'SIGKILL' });
  child.stdin.on('error', () => undefined);
  const exitCode = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  return { child, errors: text(child.stderr), exitCode };
}

async function says(client: Client, wanted: string): Promise<string> {
  let heard = '';
  const late = AbortSignal.timeout(ENDED_MS);
  while (!heard.includes(wanted)) heard += String((await once(client.child.stdout, 'data', { signal: late }))[0]);
  return heard;
}

async function deploy(): Promise<void> {
  const deployed = await dcdget(rig, 'deploy', source.folder, '--app', APP);
  assert.equal(deployed.exitCode, 0, deployed.stdout + deployed.stderr);
}

type Dyno = { name: string; type: string; release: { version: number } };

async function sessions(): Promise<Dyno[]> {
  const { dynos } = await dcdgetJson<{ dynos: Dyno[] }>(rig, 'ps', '--app', APP);
  return dynos.filter(({ type }) => type === 'run');
}

/** What is on the servers of this app: its instances by their ids, not by what their last start left behind. */
async function ownLines(): Promise<string[]> {
  return (await listingAtRest(rig)).filter((line) => line.includes(APP));
}

/** Writes for as long as the work takes; gives the sha256 of all that was written. */
async function writesDuring(client: Client, work: () => Promise<void>): Promise<string> {
  const hash = createHash('sha256');
  let isDone = false;
  const done = work().finally(() => (isDone = true));
  while (!isDone) {
    const piece = randomBytes(PIECE_BYTES);
    hash.update(piece);
    if (!client.child.stdin.write(piece)) await Promise.race([once(client.child.stdin, 'drain'), done]);
    await sleep(5);
  }
  await done;
  client.child.stdin.end();
  return hash.digest('hex');
}

async function sha256Of(client: Client): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of client.child.stdout as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

test('a session that is taken up again after each break loses and doubles no byte, and exits as its command', async () => {
  const client = runFar('--reattach', 'cat; exit 7');
  const read = sha256Of(client);
  const rendezvous = rig.environment['RENDEZVOUS_PUBLIC']?.split(':')[1] ?? '';
  const written = await writesDuring(client, async () => {
    await sleep(1500);
    await far.cut();
    await sleep(1000);
    await far.mend();
    await sleep(2500);
    const cutOff = `for pid in $(pidof ps-dock); do nsenter --target $pid --net ss --kill --tcp dport = :${rendezvous}; done`;
    assert.match(await onServer(rig, 'server1', cutOff), /ESTAB/);
    await sleep(2000);
    await killProcess(rig.folder, 'streams');
    await sleep(500);
    await startStreams(rig.folder, rig.environment, rig.client.DCDGET_CA);
    await sleep(3000);
  });
  const { sha256, bytes } = await read;
  assert.equal(sha256, written, `${bytes} bytes came back, or others`);
  assert.equal(await client.exitCode, 7, await client.errors);
  assert.equal((await client.errors).match(/is lost/g)?.length, 3, await client.errors);
  assert.ok(bytes > 100 * PIECE_BYTES, `only ${bytes} bytes came back`);
});

test('a deploy is not held up by a session, which stays on the release that it began with', async () => {
  const client = runFar('cat marker; read -r word; cat marker; echo "$word $DCDGET_RELEASE"');
  await says(client, 'first\n');
  const [before] = await sessions();
  source.write('marker', 'second\n');
  await deploy();
  assert.deepEqual(await sessions(), [before]);
  client.child.stdin.end('still\n');
  assert.equal(await text(client.child.stdout), `first\nstill v${before?.release.version}\n`);
  assert.equal(await client.exitCode, 0, await client.errors);
  assert.equal(await text(runFar('cat marker').child.stdout), 'second\n');
});

test('a session whose server loses its power ends with a sentence, and leaves nothing', async () => {
  const untouched = await ownLines();
  const client = runFar('echo ready; cat');
  await says(client, 'ready\n');
  const plan = (await listServers()).find(({ run, name }) => run === rig.run && name === 'server1');
  assert.ok(plan);
  await rebootServer(plan, 'power-cut');
  assert.equal(await client.exitCode, 1, await client.errors);
  assert.match(await client.errors, /run\.\d{4} ended without a word: server1 went down/);
  assert.deepEqual(await sessions(), []);
  await leavesOnly(untouched);
});

test('an app is destroyed with a session open: its client is told, and nothing is left', async () => {
  const client = runFar('echo ready; cat');
  await says(client, 'ready\n');
  const destroyed = await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  assert.equal(destroyed.exitCode, 0, destroyed.stdout + destroyed.stderr);
  const hungUpOrTerminated = [129, 143];
  assert.ok(hungUpOrTerminated.includes(await client.exitCode), await client.errors);
  assert.match(await client.errors, /run\.\d{4} was told to stop/);
  await leavesOnly(others);
});

async function leavesOnly(lines: string[]): Promise<void> {
  const awaited = { awaited: 'what the session left to go', timeoutMs: ENDED_MS, intervalMs: 500 };
  await waitFor(awaited, async () => ((await ownLines()).join('\n') === lines.join('\n') ? true : null)).catch(
    async () => assert.deepEqual(await ownLines(), lines),
  );
}
