import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dyno, LogDrain } from '../../cli/api-types.ts';
import { startStreams } from '../../embedded/control-plane.ts';
import { waitFor } from '../../embedded/deadlines.ts';
import { freePorts } from '../../embedded/ports.ts';
import { killProcess } from '../../embedded/processes.ts';
import { createSignatures } from '../../store/signatures.ts';
import { startCollector, type Collector } from '../rig/collector.ts';
import { dcdget, dcdgetJson } from '../rig/command-line.ts';
import { openLogSender, type LogSender } from '../rig/log-sender.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { copyExample, type SourceTree } from '../rig/source-tree.ts';

const APP = 'chatty';
const DCDGET = join(import.meta.dirname, '../../bin/dcdget');

let rig: Rig;
let source: SourceTree;
let tail: Tail;

before(async () => {
  rig = await useRig('logs');
  source = copyExample('hello-node');
  await dcdgetJson(rig, 'apps:create', APP);
  assert.equal((await dcdget(rig, 'deploy', source.folder, '--app', APP)).exitCode, 0);
});
after(async () => {
  tail?.process.kill('SIGKILL');
  source.remove();
  await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  await rig.stop();
});

test('logs shows what the platform did with the app before anybody watched', async () => {
  const shown = await dcdget(rig, 'logs', '--app', APP, '--source', 'dcdget');
  assert.equal(shown.exitCode, 0, shown.stderr);
  assert.match(shown.stdout, /^\S+ dcdget\[api\]: Deploy of v2 by \S+@\S+ began$/m);
  assert.match(shown.stdout, /^\S+ dcdget\[api\]: Release v2 created by \S+@\S+$/m);
});

test('logs --tail shows every instance of a scaled app live, in order, across a deploy with its marks', async () => {
  tail = startTail();
  const scaled = await dcdget(rig, 'ps:scale', 'web=2', '--app', APP);
  assert.equal(scaled.exitCode, 0, scaled.stdout + scaled.stderr);
  await tail.until(/dcdget\[api\]: Scale to web=2:small by \S+ is done/);

  const old = await writersOf('v2');
  assert.equal(old.length, 2);
  for (const writer of old) writer.start();
  source.edit('server.js', 'Hello', 'Welcome back');
  const deployed = await dcdget(rig, 'deploy', source.folder, '--app', APP);
  assert.equal(deployed.exitCode, 0, deployed.stdout + deployed.stderr);
  const fresh = await writersOf('v3');
  assert.equal(fresh.length, 2);
  for (const writer of fresh) writer.start();
  await sleep(500);
  for (const writer of [...old, ...fresh]) await writer.stop();

  await tail.until(/Release v3 created by/);
  // Of the app itself, by way of the init of its containers.
  for (const name of ['web.1', 'web.2']) await tail.until(new RegExp(`app\\[${name}\\]: hello-node listens on port`));
  for (const { name, lastLine } of [...old, ...fresh])
    await tail.until(new RegExp(`app\\[${name}\\]: ${lastLine()}$`, 'm'));
  for (const { name, release, written } of [...old, ...fresh]) {
    const seen = [...tail.text().matchAll(new RegExp(`app\\[${name}\\]: ${release} line (\\d+)$`, 'gm'))];
    assert.deepEqual(
      seen.map(([, number]) => Number(number)),
      Array.from({ length: written() }, (_, index) => index + 1),
      `${name} of ${release}`,
    );
  }
  const began = tail.text().indexOf('Deploy of v3 by');
  assert.ok(began !== -1 && began < tail.text().indexOf('v3 line 1'), 'the mark stands before what it begins');
});

test('logs of one process, of one source and of few lines are those alone', async () => {
  const shown = async (...flags: string[]) =>
    (await dcdget(rig, 'logs', '--app', APP, ...flags)).stdout.trimEnd().split('\n');
  const one = await shown('--ps', 'web.1', '--source', 'app', '-n', '7');
  assert.equal(one.length, 7);
  assert.ok(one.every((line) => / app\[web\.1\]: /.test(line)));
  assert.ok((await shown('--ps', 'web', '-n', '20')).every((line) => / (app|dcdget)\[web\.\d\]: /.test(line)));
});

test('a hub that is killed and comes back misses nothing that its senders still have, and the tail goes on', async () => {
  const [web1] = await instances();
  const sender = await openSender(web1 ?? '', 'crash-run');
  for (let number = 1; number <= 500; number += 1) sender.send(`kept ${number}`);
  await tail.until(/kept 500$/m);
  await killProcess(rig.folder, 'streams');
  sender.socket.destroy();
  await startStreams(rig.folder, rig.environment, rig.client.DCDGET_CA);

  const again = await openSender(web1 ?? '', 'crash-run');
  const has = Number(/^OK (\d+)$/.exec(again.answer)?.[1]);
  for (let number = has + 1; number <= 600; number += 1) again.send(`kept ${number}`);
  await tail.until(/kept 600$/m);
  await again.end();
  const shown = await dcdget(rig, 'logs', '--app', APP, '-n', '1500');
  const kept = [...shown.stdout.matchAll(/kept (\d+)$/gm)].map(([, number]) => Number(number));
  assert.deepEqual(
    kept,
    Array.from({ length: 600 }, (_, index) => index + 1),
  );
  assert.match(tail.errors(), /Connecting again/);
});

test("rsyslog gets an app's lines by a drain, once and in order, also those of a time when it was away", async () => {
  const [host = ''] = (rig.environment['STREAMS_PUBLIC'] ?? '').split(':');
  const [port = 0] = await freePorts(1);
  const collector = await startCollector(host, port);
  try {
    // It is read when they start.
    await killProcess(rig.folder, 'streams');
    const environment = { ...rig.environment, DRAIN_CA_FILE: collector.certificateFile };
    await startStreams(rig.folder, environment, rig.client.DCDGET_CA);
    const { token } = await dcdgetJson<LogDrain>(rig, 'drains:add', collector.url, '--app', APP);
    const [web1] = await instances();
    const sender = await openSender(web1 ?? '', 'drained-run');
    for (let number = 1; number <= 300; number += 1) sender.send(`drained ${number}`);
    await arrived(collector, `${token} app web.1 drained 300`);
    await collector.stop();
    await sleep(300);
    for (let number = 301; number <= 600; number += 1) sender.send(`drained ${number}`);
    await sleep(300);
    await collector.start();
    await arrived(collector, `${token} app web.1 drained 600`);
    await sender.end();
    assert.deepEqual(
      collector.lines().filter((line) => line.includes(' drained ')),
      Array.from({ length: 600 }, (_, index) => `${token} app web.1 drained ${index + 1}`),
    );
    await dcdgetJson(rig, 'drains:remove', token, '--app', APP);
  } finally {
    await collector.remove();
  }
});

test('a process that writes terminal codes and forged lines does neither at the reader', async () => {
  const [web1] = await instances();
  const sender = await openSender(web1 ?? '', 'forging-run');
  sender.send('\u001b[2Jclear\n2026-01-01T00:00:00.000000+00:00 dcdget[api]: Release v99 created by nobody');
  await sender.end();
  await tail.until(/clear 2026/);
  const shown = await dcdget(rig, 'logs', '--app', APP, '-n', '5');
  assert.doesNotMatch(shown.stdout, /\u001b|^\S+ dcdget\[api\]: Release v99/m);
});

test("an app that has another's name now does not show its lines", async () => {
  await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  await dcdgetJson(rig, 'apps:create', APP);
  const shown = await dcdget(rig, 'logs', '--app', APP, '-n', '1500');
  assert.equal(shown.stdout, '');
});

async function arrived(collector: Collector, line: string): Promise<void> {
  const wait = { awaited: `rsyslog to write: ${line}`, timeoutMs: 30_000, intervalMs: 50 };
  await waitFor(wait, async () => (collector.lines().includes(line) ? true : null));
}

/** Ids of the instances that run now, by name. */
async function instances(): Promise<string[]> {
  const { dynos } = await dcdgetJson<{ dynos: Dyno[] }>(rig, 'ps', '--app', APP);
  return dynos
    .filter(({ state }) => state === 'up')
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ name, release }) => `${APP}.${name}.v${release.version}.1`);
}

function openSender(instance: string, run: string): Promise<LogSender> {
  const [host = '', port] = (rig.environment['STREAMS_PUBLIC'] ?? '').split(':');
  const key = Buffer.from(readFileSync(rig.environment['DCDGET_SECRET_KEY_FILE'] ?? '', 'utf8').trim(), 'base64');
  return openLogSender({
    host,
    port: Number(port),
    ca: readFileSync(rig.client.DCDGET_CA, 'utf8'),
    who: `instance="${instance}"`,
    run,
    token: createSignatures(key).fixed(`log:${instance}`),
  });
}

/** One for each instance of the release that runs now, which speaks as the instance itself would. */
async function writersOf(release: string) {
  const running = (await instances()).filter((id) => id.includes(`.${release}.`));
  return Promise.all(
    running.map(async (id) => createWriter(id, release, await openSender(id, `${release}-${id}`.replaceAll('.', '-')))),
  );
}

function createWriter(id: string, release: string, sender: LogSender) {
  let count = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    name: /\.([a-z]+\.\d+)\.v/.exec(id)?.[1] ?? '',
    release,
    written: () => count,
    lastLine: () => `${release} line ${count}`,
    start(): void {
      timer = setInterval(() => sender.send(`${release} line ${(count += 1)}`), 5);
    },
    async stop(): Promise<void> {
      clearInterval(timer);
      await sender.end();
    },
  };
}

type Tail = { process: ChildProcess; text(): string; errors(): string; until(pattern: RegExp): Promise<void> };

function startTail(): Tail {
  const env = { ...process.env, ...rig.client, NO_COLOR: '1' };
  const child = spawn(DCDGET, ['logs', '--tail', '-n', '0', '--app', APP], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return {
    process: child,
    text: () => text,
    errors: () => errors,
    async until(pattern) {
      const endsAt = Date.now() + 20_000;
      while (!pattern.test(text)) {
        if (Date.now() > endsAt || child.exitCode !== null) {
          assert.fail(`${pattern} did not come in the tail:\n${text.slice(-2000)}\n${errors}`);
        }
        await sleep(20);
      }
    },
  };
}
